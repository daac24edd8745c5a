"""No page of staff is a dead end."""

import pytest

from deploy.web.site.catalogs import web_directories
from deploy.web.site.render import Renderer
from schemas.http import Page, Principal
from schemas.words import Language, Role

#: Those that the navigation names, a screen on a wall, and a preview whose buttons lead back.
_NEEDS_NONE = {
    "handlers/desk.html",
    "routing/queue.html",
    "sla/watch.html",
    "sla/callbacks.html",
    "sla/exclusions.html",
    "sla/wall.html",
    "handlers/desk_preview.html",
}
_OF_STAFF = {
    f"{name}/{path.name}": path.read_text(encoding="utf-8")
    for name, place in web_directories().items()
    for path in sorted((place / "templates").glob("*.html"))
    if name in ("handlers", "routing", "sla") or path.name.startswith("notice")
}
#: What begins with `_` is a part of others.
PAGES = [name for name, text in _OF_STAFF.items() if "{% extends " in text and "/_" not in name]


@pytest.mark.parametrize("page", sorted({*PAGES} - _NEEDS_NONE))
def test_a_page_leads_back(page: str) -> None:
    """To the list, the case or the desk that it was opened from, or by the tabs among which it stands."""
    text = _OF_STAFF[page]

    assert any(way in text for way in ("govuk-back-link", "desk_link()", "_tabs.html"))


def test_what_needs_none_is_there() -> None:
    """A page that was renamed is looked at."""
    assert {*PAGES} >= _NEEDS_NONE


@pytest.mark.parametrize(
    ("role", "path", "back"),
    [
        (Role.SUPERVISOR, "/review/drift", "/watch"),
        (Role.DISPATCHER, "/review/drift", "/review"),
        (Role.ADMINISTRATOR, "/review/drift", "/review"),
        (Role.ADMINISTRATOR, "/watch/reports", "/watch"),
    ],
)
def test_it_leads_to_a_page_of_ones_own(renderer: Renderer, role: Role, path: str, back: str) -> None:
    """Supervisors do not open the queue; whoever opens both goes back to where they came from."""
    page = Page(template="sla/reports.html", context={"found": {"items": []}, "query": {}})
    html = renderer.render(
        page, language=Language.ZH, principal=Principal(role=role, name="li"), csrf_token="t", path=path
    )

    assert f'<a href="{back}" class="govuk-back-link">' in html
