"""What the page of a form says above it: whom to call, and that nothing was sent yet."""

from datetime import UTC, datetime

import pytest

from deploy.web.site.render import Renderer, renderer_of
from intake.web.published import MARKING
from intake.web.suggestions import OfferedAnswer
from schemas.city import load_city
from schemas.forms import NO_ERRORS
from schemas.http import Page, Principal
from schemas.words import Kind, Language

OFFER = {"nonce": "n", "most_files": 0}
OFFERED = OfferedAnswer(
    tracking_code="AAAA-BBBB-CCCC-DDDD", title="路灯不亮", response="已修好。", department="housing",
    replied_at=datetime(2026, 11, 20, tzinfo=UTC), words=("路灯",), department_name="住房和城乡建设局",
    url="/published/AAAA-BBBB-CCCC-DDDD",
)  # fmt: skip


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """The site's renderer, with the real catalogues."""
    return renderer_of(load_city())


def _render(renderer: Renderer, page: Page) -> str:
    return renderer.render(page, language=Language.ZH, principal=Principal(), csrf_token="t", path="/")


@pytest.mark.parametrize("template", ["submit", "me_too"])
@pytest.mark.parametrize("is_draft", [True, False])
def test_a_form_that_was_not_taken_names_the_cookie_that_may_be_missing(
    renderer: Renderer, template: str, is_draft: bool
) -> None:
    """Else whoever keeps none presses the button again and again."""
    context = {"form": {}, "kinds": list(Kind), "offer": OFFER, "errors": NO_ERRORS, "is_draft": is_draft}
    html = _render(renderer, Page(template=f"intake/{template}.html", context=context))

    assert is_draft == ("Cookie" in html)


@pytest.mark.parametrize("offered", [True, False])
def test_a_form_that_comes_back_with_answers_says_above_them_that_nothing_was_sent(
    renderer: Renderer, offered: bool
) -> None:
    """Who pressed “Submit” and sees the same form again would else believe that it was."""
    context = {
        "form": {}, "kinds": list(Kind), "offer": OFFER,
        "errors": NO_ERRORS, "suggestions": [OFFERED] if offered else (), "is_scripted": False, **MARKING,
    }  # fmt: skip
    html = _render(renderer, Page(template="intake/submit.html", context=context))

    assert offered == ("还没有提交" in html.partition('<form method="post" action="/submit/done"')[0])


def test_a_form_for_an_emergency_begins_with_the_numbers_to_call(renderer: Renderer) -> None:
    """On a telephone the page's foot is many screens away."""
    page = Page(
        template="intake/submit.html",
        context={
            "form": {}, "kinds": list(Kind), "offer": OFFER,
            "errors": NO_ERRORS,
        },
    )  # fmt: skip
    html = _render(renderer, page)

    assert html.index("110、119 或 120") < html.index('<form method="post" action="/submit/done"')
