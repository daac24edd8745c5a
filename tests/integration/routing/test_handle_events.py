"""Requests of departments become items of the queue, and end when the case moves on."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from routing.steps import handle_events
from routing.store import cases, items
from routing.web import pages
from schemas.city import load_city
from schemas.errors import DataRefused
from schemas.events.handlers import CaseClosed, CaseReplied, CaseReturned, CaseSigned, ExtensionRequested
from schemas.events.routing import ReviewRequested
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import PublicAnswers, Unit
from schemas.values import KeptFromAll
from schemas.words import CaseState, Language, ReviewKind
from tests.integration.routing.cases import AT, new_case_id, registered, route
from tests.integration.routing.test_queue import call_of, html_of

TRANSPORT = DepartmentCode("transport")


async def _routed(unit: Any) -> CaseId:
    event = registered()
    await route(unit, [event])
    unit.emitted.clear()
    return event.case_id


def _extension(case_id: CaseId, version: int) -> ExtensionRequested:
    return ExtensionRequested(
        case_id=case_id, version=version, at=AT, department=TRANSPORT, working_days=5, reason="需要招标"
    )


def _returned(case_id: CaseId, version: int) -> CaseReturned:
    return CaseReturned(
        case_id=case_id,
        version=version,
        at=AT,
        department=TRANSPORT,
        reason="不是我局职责",
        basis="三定方案",
        return_count=1,
    )


def _replied(case_id: CaseId, version: int) -> CaseReplied:
    return CaseReplied(
        case_id=case_id, version=version, at=AT, department=TRANSPORT, note="已联系", response="已延长末班车"
    )


async def test_each_request_waits_with_what_the_department_wrote(unit: Any) -> None:
    """Returns, extensions and replies: the item's version is the case's, and a review is requested."""
    case_ids = [await _routed(unit) for _ in range(3)]

    await handle_events.review_returns(unit, [_returned(case_ids[0], 4)])
    await handle_events.review_extensions(unit, [_extension(case_ids[1], 5)])
    await handle_events.review_replies(unit, [_replied(case_ids[2], 6)])

    found = [(await items.waiting(unit.db, case_id))[0] for case_id in case_ids]
    expected = [(ReviewKind.RETURN, 4), (ReviewKind.EXTENSION, 5), (ReviewKind.REPLY, 6)]
    assert expected == [(item.kind, item.version) for item in found]
    assert ["三定方案", 5, "已延长末班车"] == [
        found[0].detail["basis"],
        found[1].detail["working_days"],
        found[2].detail["response"],
    ]
    assert expected == [(e.kind, e.version) for e in unit.emitted if isinstance(e, ReviewRequested)]


async def test_a_reply_ends_an_open_extension(unit: Any) -> None:
    """The case moved on: only the reply waits."""
    case_id = await _routed(unit)

    await handle_events.review_extensions(unit, [_extension(case_id, 4)])
    await handle_events.review_replies(unit, [_replied(case_id, 5)])

    assert [ReviewKind.REPLY] == [item.kind for item in await items.waiting(unit.db, case_id)]


async def test_signing_ends_an_older_return(unit: Any) -> None:
    """Anything newer than the request makes it pointless; anything older does not."""
    case_id = await _routed(unit)
    await handle_events.review_returns(unit, [_returned(case_id, 4)])

    for version, left in ((3, 1), (4, 1), (5, 0)):
        signed = CaseSigned(case_id=case_id, version=version, at=AT, department=TRANSPORT, signed_by="张")
        await handle_events.supersede(unit, [signed])
        assert left == len(await items.waiting(unit.db, case_id))


async def test_a_request_replayed_late_is_not_opened(unit: Any) -> None:
    """An older version than what is known of the case, or the same one twice."""
    case_id = await _routed(unit)
    await handle_events.review_replies(unit, [_replied(case_id, 6)])
    unit.emitted.clear()

    await handle_events.review_extensions(unit, [_extension(case_id, 4)])
    await handle_events.review_replies(unit, [_replied(case_id, 6)])

    assert [(ReviewKind.REPLY, 6)] == [(i.kind, i.version) for i in await items.waiting(unit.db, case_id)]
    assert [] == unit.emitted


async def test_a_case_withdrawn_at_its_department_ends_here_too(unit: Any) -> None:
    """Nothing can be merged into it, and nothing waits about it."""
    case_id = await _routed(unit)
    await handle_events.review_extensions(unit, [_extension(case_id, 4)])

    closed = CaseClosed(case_id=case_id, version=5, at=AT, outcome="withdrawn", state=CaseState.WITHDRAWN)
    await handle_events.end(unit, [closed])

    case = await cases.find(unit.db, case_id)
    assert case is not None
    assert ("withdrawn", []) == (case.state, await items.waiting(unit.db, case_id))


async def test_a_request_about_an_unknown_case_is_not_lost(unit: Any) -> None:
    """It goes to the dead letters with its reason, for a replay once the case is known."""
    with pytest.raises(DataRefused, match="unknown"):
        await handle_events.review_replies(unit, [_replied(new_case_id(), 4)])


class _Hides(PublicAnswers):
    """Intake, that knows of a word which staff hide."""

    async def response(self, unit: Unit, case_id: CaseId) -> str | None:
        """None yet."""
        return None

    async def hidden(self, unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[str]:
        """Of whichever cases."""
        return ["春燕"]

    async def limits(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, KeptFromAll]:
        """Nobody asks."""
        raise AssertionError

    async def message(self, unit: Unit, case_id: CaseId) -> tuple[str, str] | None:
        """As everybody would read it."""
        return "**水果店占道", "**水果店天天占道。"


@pytest.mark.parametrize("is_public", [True, False])
async def test_beside_a_reply_the_message_stands_as_everybody_would_read_it(
    unit: Any, is_public: bool
) -> None:
    """Without a script, and without what staff hide; nothing of what nobody else would read, or where nobody can say."""
    event = registered(publish=is_public)
    await route(unit, [event])
    await handle_events.review_replies(unit, [_replied(event.case_id, 6)])
    for answers in (_Hides(), None):
        page = await pages.show_case(call_of(unit, event.case_id), city=load_city(), answers=answers)
        html = html_of(page, Language.ZH)
        assert is_public is ('id="public-message"' in html)
        assert (is_public and answers is not None) is ("**水果店天天占道。" in html)
