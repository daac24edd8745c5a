"""The citizen's pages: every text has its English, every template renders in both languages."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from babel.messages.pofile import read_po

import intake.web
from deploy.web.site.render import Renderer, renderer_of
from intake.core.following.asked_back import OpenQuestion
from intake.core.following.view import TimelineEntry, View
from intake.core.public.published import Found, PublishedCase
from intake.steps.accept import Receipt
from intake.steps.additions import Additions
from intake.web.promises import STATE_NAMES
from intake.web.published import MARKING, SearchQuery
from intake.web.suggestions import OfferedAnswer
from intake.web.views import case_view, published_view
from schemas.city import load_city
from schemas.forms import NO_ERRORS, FormError, FormErrors
from schemas.http import Page, Principal
from schemas.ids import AccessCode, AttachmentId, CaseId, DepartmentCode, TrackingCode
from schemas.values import Attachment
from schemas.words import CaseState, CitizenAction, Kind, Language

WEB = Path(intake.web.__file__).parent
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CITY = load_city()
#: Of files: one is there already.
OFFER = {
    "nonce": "n",
    "most_files": 3,
    "most_bytes": 1000,
    "accepted": "image/png",
    "files": [
        Attachment(attachment_id=AttachmentId("6a1f0000-0000-4000-8000-000000000002"), type="image/png")
    ],
    "publish": [],
}
BAD = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """The site's renderer, with the real catalogues."""
    return renderer_of(CITY)


def _render(renderer: Renderer, page: Page, language: Language = Language.ZH) -> str:
    return renderer.render(page, language=language, principal=Principal(), csrf_token="t", path="/")


def _offered() -> OfferedAnswer:
    return OfferedAnswer(
        tracking_code="AAAA-BBBB-CCCC-DDDD",
        title=BAD,
        response=BAD,
        department=BAD,
        replied_at=NOW,
        words=(BAD, "alert"),
        department_name=BAD,
        url="/published/AAAA-BBBB-CCCC-DDDD",
    )


def _case(state: CaseState) -> View:
    return View(
        case_id=CaseId("6a1f0000-0000-4000-8000-000000000001"),
        tracking_code="AAAA-BBBB-CCCC-DDDD",
        title=BAD,
        text=BAD,
        received_at=NOW,
        registered_at=NOW,
        state=state,
        category="labour",
        department="housing",
        due_at=NOW,
        response=BAD,
        response_at=NOW,
        publication="withheld",
        timeline=(TimelineEntry(at=NOW, event="assigned", department="housing"),),
    )


def _published() -> PublishedCase:
    return PublishedCase(
        case_id=CaseId("6a1f0000-0000-4000-8000-000000000001"),
        tracking_code="AAAA-BBBB-CCCC-DDDD",
        title=BAD,
        text=BAD,
        response=BAD,
        category="labour",
        department="housing",
        region="donghu",
        replied_at=NOW,
    )


def _pages(language: Language) -> list[Page]:
    item = published_view(_published(), language, city=CITY)
    errors = FormErrors(summary=(FormError(field="title", text="此项必填。"),))
    receipt = Receipt(
        tracking_code=TrackingCode("AAAA-BBBB-CCCC-DDDD"),
        access_code=AccessCode("12345678"),
        received_at=NOW,
        follow_url="https://city/follow",
    )
    form = {
        "title": BAD,
        "text": BAD,
        "kind": "help",
        "publish": "yes",
        "confidential": "yes",
        "address": BAD,
    }
    submit: dict[str, Any] = {"form": form, "kinds": list(Kind), "offer": OFFER}
    submit |= {"suggestions": [_offered()], "seen": [BAD], "is_scripted": False, **MARKING}
    found = Found(cases=[_published()], next_cursor="c", total=1, is_total_exact=False)
    nothing = Found(cases=[], next_cursor=None, total=0, is_total_exact=True)
    cases = [
        Page(
            template="intake/case.html",
            context={
                "case": case_view(_case(state), language, now=NOW, city=CITY, zone=UTC),
                "access_code": "12345678",
                "offer": OFFER,
                "form": {"objection": BAD},
                "errors": errors,
                "done": done,
            },
        )
        for state, done in (
            (CaseState.CLOSED, "rating"),
            (CaseState.IN_PROGRESS, "supplement"),
            (CaseState.REOPENED, "objection"),
            (CaseState.WITHDRAWN, "withdrawal"),
        )
    ]
    return [
        Page(template="intake/home.html", context={"latest": [item]}),
        Page(template="intake/home.html", context={"latest": []}),
        Page(template="intake/submit.html", context=submit | {"errors": errors}),
        Page(template="intake/submit.html", context=submit | {"errors": NO_ERRORS, "suggestions": ()}),
        Page(
            template="intake/suggestions.html",
            context={"suggestions": [_offered()], "is_scripted": True, **MARKING},
        ),
        Page(template="intake/solved.html"),
        Page(template="intake/submitted.html", context={"receipt": receipt}),
        Page(template="intake/follow.html", context={"form": {"tracking_code": BAD}, "errors": errors}),
        Page(template="intake/answer.html", context={"item": item, "asked": SearchQuery()}),
        Page(
            template="intake/published.html",
            context={
                "asked": SearchQuery(q=BAD, cursor="x"),
                **MARKING,
                "found": found,
                "items": [item],
                "errors": NO_ERRORS,
            },
        ),
        Page(
            template="intake/published.html",
            context={"asked": SearchQuery(), "found": nothing, "items": [], "errors": NO_ERRORS, **MARKING},
        ),
        *cases,
    ]


@pytest.mark.parametrize("language", list(Language))
def test_every_page_renders_and_escapes_what_was_typed(renderer: Renderer, language: Language) -> None:
    """In both languages; markup in a message is text."""
    for page in _pages(language):
        html = _render(renderer, page, language)

        assert "<script>alert" not in html
        assert f'lang="{language.value}"' in html


@pytest.mark.parametrize("language", list(Language))
def test_every_field_has_its_label_and_every_id_is_there_once(renderer: Renderer, language: Language) -> None:
    """Screen readers need both."""
    for page in _pages(language):
        html = _render(renderer, page, language)
        ids = re.findall(r'\sid="([^"]+)"', html)
        fields = re.findall(r'<(?:input(?![^>]*type="hidden")|select|textarea)[^>]*?\sid="([^"]+)"', html)
        described = {
            name for names in re.findall(r'aria-describedby="([^"]+)"', html) for name in names.split()
        }

        assert len(ids) == len(set(ids))
        assert set(fields) <= set(re.findall(r'<label[^>]*\sfor="([^"]+)"', html))
        assert described <= set(ids)


@pytest.mark.parametrize("language", list(Language))
def test_every_form_that_changes_something_carries_its_token(renderer: Renderer, language: Language) -> None:
    """No POST without a check of where it came from."""
    for page in _pages(language):
        html = _render(renderer, page, language)
        for form in re.findall(r'<form method="post".*?</form>', html, re.DOTALL):
            assert re.search(r'<input[^>]*\sname="csrf"[^>]*\svalue="t"', form), form


def test_the_access_code_is_in_no_address(renderer: Renderer) -> None:
    """Addresses end up in histories and logs."""
    for page in _pages(Language.ZH):
        html = _render(renderer, page)

        assert not re.search(r'(?:href|action)="[^"]*12345678', html)


def test_every_text_has_its_english() -> None:
    """The catalogue holds exactly what the templates say, and what they look up."""
    said = set(STATE_NAMES.values()) | {
        text
        for path in (WEB / "templates").glob("*.html")
        for text in re.findall(r"_\('([^']+)'", path.read_text("utf-8"))
    }
    with (WEB / "locale" / "en.po").open("rb") as file:
        known = {str(entry.id): str(entry.string) for entry in read_po(file, locale="en") if entry.id}

    assert said == set(known)
    assert all(known.values())


def test_whoever_objected_does_not_read_that_all_is_settled(renderer: Renderer) -> None:
    """Until the case is reopened the page says so, and offers to look again."""
    objected = msgspec.structs.replace(
        _case(CaseState.CLOSED), timeline=(TimelineEntry(at=NOW, event="objected"),)
    )
    closed, waiting = (
        _render(
            renderer,
            Page(
                template="intake/case.html",
                context={
                    "case": case_view(case, Language.ZH, now=NOW, city=CITY, zone=UTC),
                    "access_code": "12345678",
                    "offer": OFFER,
                    "form": {},
                    "errors": NO_ERRORS,
                    "done": "",
                },
            ),
        )
        for case in (_case(CaseState.CLOSED), objected)
    )

    assert ("刷新进度" in closed, "刷新进度" in waiting) == (False, True)
    assert ">办结</span>" in closed
    assert ">办结</span>" not in waiting
    assert "有异议，待重新办理" in waiting


def test_an_answer_that_was_objected_to_says_so(renderer: Renderer) -> None:
    """To everybody who reads it, in the list and alone."""
    item = published_view(msgspec.structs.replace(_published(), objected=True), Language.ZH, city=CITY)
    found = Found(cases=[_published()], next_cursor=None, total=1, is_total_exact=True)
    listed = {"asked": SearchQuery(), "found": found, "items": [item], "errors": NO_ERRORS, **MARKING}

    for page in (
        Page(template="intake/answer.html", context={"item": item, "asked": SearchQuery()}),
        Page(template="intake/published.html", context=listed),
    ):
        assert "市民对此答复有异议" in _render(renderer, page)


def _case_page(case: View, **more: object) -> Page:
    shown = case_view(case, Language.ZH, now=NOW, city=CITY, zone=UTC)
    context = {
        "case": shown,
        "access_code": "12345678",
        "offer": OFFER,
        "form": {},
        "errors": NO_ERRORS,
        "done": "",
        "unsent": "",
    }
    return Page(template="intake/case.html", context=context | more)


@pytest.mark.parametrize(
    ("older", "form", "shown"),
    [
        (None, {}, (False, False)),
        ("c", {}, (True, False)),
        ("c", {"added_before": "d"}, (True, True)),
        (None, {"added_before": "d"}, (False, True)),
    ],
)
def test_the_way_to_earlier_additions_and_back_is_a_button(
    renderer: Renderer, older: str | None, form: dict[str, str], shown: tuple[bool, bool]
) -> None:
    """There where there is something to go to; what was added stands on the page once."""
    added = Additions(said=[(NOW, "又坏了")], older=older)
    line = TimelineEntry(at=NOW, event="supplemented", words="又坏了")
    view = msgspec.structs.replace(_case(CaseState.IN_PROGRESS), timeline=(line,))
    case = case_view(view, Language.ZH, now=NOW, city=CITY, zone=UTC, added=added)
    page = _case_page(view, form=form)
    html = _render(renderer, Page(template=page.template, context={**page.context, "case": case}))

    assert shown == ('name="added_before" value="c"' in html, "回到最近的补充" in html)
    assert 1 == html.count("又坏了")


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({"state": CaseState.IN_PROGRESS}, "2026-12-03 17:30"),
        ({"state": CaseState.SUSPENDED}, "暂停计时，恢复办理后重新确定"),
        (
            {
                "state": CaseState.IN_PROGRESS,
                "citizen_may": (CitizenAction.ANSWER,),
                "question": OpenQuestion(text="哪一盏？", until=NOW + timedelta(days=2)),
            },
            "暂停计时，等您回答",
        ),
    ],
)
def test_a_deadline_that_stands_still_is_not_shown_as_running(
    renderer: Renderer, more: dict[str, object], due: str
) -> None:
    """While the case waits for something, its old due time is nobody's."""
    case = msgspec.structs.replace(
        _case(CaseState.IN_PROGRESS), due_at=datetime(2026, 12, 3, 9, 30, tzinfo=UTC), **more
    )

    assert f'id="due">{due}</dd>' in _render(renderer, _case_page(case))


def test_what_was_not_sent_is_on_the_page_of_a_case_that_has_no_form_for_it(renderer: Renderer) -> None:
    """It is shown as text, whatever stands in it."""
    html = _render(renderer, _case_page(_case(CaseState.CLOSED), unsent=BAD))

    assert "&lt;script&gt;" in html.split('id="unsent"')[1].split("</section>")[0]


@pytest.mark.parametrize("is_unknown", [True, False])
def test_whoever_is_in_no_register_is_told_when_to_write_again(renderer: Renderer, is_unknown: bool) -> None:
    """In both languages, each sentence apart from the one before."""
    page = _case_page(_case(CaseState.RECEIVED), is_unknown=is_unknown)

    assert is_unknown == ("刷新。如果过了一天仍是这样" in _render(renderer, page))
    assert is_unknown == ("refresh. If it still says so" in _render(renderer, page, Language.EN))


@pytest.mark.parametrize(("state", "named"), [(CaseState.CLOSED, True), (CaseState.ASSIGNED, False)])
def test_an_earlier_answer_is_not_said_to_be_of_who_has_the_case_now(
    renderer: Renderer, state: CaseState, named: bool
) -> None:
    """The centre's refusal, or another department's reply, stands above a department that has not answered yet."""
    case = msgspec.structs.replace(_case(state), response="请向法院提出。", response_at=NOW)
    below = _render(renderer, _case_page(case)).split('id="response"')[1].split("</p>")[1]

    assert named is (CITY.department[DepartmentCode("housing")].name(Language.ZH) in below)


@pytest.mark.parametrize(("state", "named"), [(CaseState.IN_PROGRESS, True), (CaseState.IN_REVIEW, False)])
def test_no_department_is_named_while_it_is_being_chosen(
    renderer: Renderer, state: CaseState, named: bool
) -> None:
    """A case that comes back to a dispatcher has the department that it had, until it gets another."""
    html = _render(renderer, _case_page(_case(state))).split("<ol")[0]

    assert named is (CITY.department[DepartmentCode("housing")].name(Language.ZH) in html)
