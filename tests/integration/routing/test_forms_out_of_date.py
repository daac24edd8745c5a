"""What is said of a form that comes too late, and of one that does not."""

from typing import Any

import pytest
from msgspec import structs

from routing.steps.read_queue import read_case
from routing.store import cases
from routing.web import pages
from routing.web.sent_forms import told_truly
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, Overtaken
from schemas.http import Page
from schemas.words import Language, ReviewKind
from tests.integration.routing.test_forms import waiting_for
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()


@pytest.mark.parametrize(
    ("kind", "own", "item"),
    [
        (ReviewKind.DISPATCH, 2, 2),
        (ReviewKind.REPLY, 2, 4),
        (ReviewKind.RETURN, 2, 4),
        (ReviewKind.EXTENSION, 2, 4),
    ],
)
async def test_what_nobody_changed_is_not_said_to_have_changed(
    unit: Any, kind: ReviewKind, own: int, item: int
) -> None:
    """Of a case that stands as the form has it the page says what is true: it is not merged, and was none.

    Its form carries the version of the case, which a department's request leaves as it was.
    """
    event, waiting = await waiting_for(unit, kind)
    case = await cases.find(unit.db, event.case_id)
    assert (own, item) == (case and case.version, waiting.version)
    for version, said in ((own, ActionNotAllowed), (1, Overtaken)):
        told = await pages.decide_on_page(
            call_of(unit, event.case_id, {"action": "unmerge", "version": str(version)}), city=CITY
        )
        assert isinstance(told, Page)
        assert (409, True) == (told.status, said().message(Language.ZH) in html_of(told, Language.ZH))


@pytest.mark.parametrize(
    ("state", "own", "item", "form", "said"),
    [
        # What waits carries its own version, also where a decision of the case, or another request, is newer.
        ("routed", 5, "open", {"kind": "reply", "version": "4"}, ActionNotAllowed),
        ("routed", 2, "decided", {"kind": "reply", "version": "4"}, Overtaken),
        ("routed", 2, "open", {"kind": "extension", "version": "4"}, Overtaken),
        ("routed", 2, "open", {"action": "merge", "kind": "reply", "version": "2"}, Overtaken),
        # The case itself its own, whatever was asked about it, or decided of that.
        ("routed", 2, "decided", {"action": "move", "version": "2"}, ActionNotAllowed),
        ("routed", 2, "open", {"action": "merge", "version": "4"}, Overtaken),
        ("declined", 2, "decided", {"action": "undo", "version": "2"}, ActionNotAllowed),
        # Who is cleared, the newest of both.
        ("declined", 2, "open", {"action": "clear", "version": "4"}, ActionNotAllowed),
        ("declined", 2, "superseded", {"action": "clear", "version": "4"}, Overtaken),
        # What is withdrawn while a department has it keeps its version.
        ("withdrawn", 2, "superseded", {"action": "move", "version": "2"}, Overtaken),
    ],
)
async def test_a_form_is_out_of_date_by_the_version_that_it_carries(
    unit: Any, state: Any, own: int, item: Any, form: dict[str, str], said: type[ActionNotAllowed]
) -> None:
    """Which one that is depends on what it is about."""
    event, waiting = await waiting_for(unit, ReviewKind.REPLY)
    found = await read_case(unit, event.case_id)
    case, asked = (
        structs.replace(found.case, state=state, version=own),
        structs.replace(waiting, state=item),
    )
    known = structs.replace(found, case=case, every=[asked])

    assert said is type(told_truly(ActionNotAllowed(state=state), known, form))
