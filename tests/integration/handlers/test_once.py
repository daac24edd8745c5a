"""One request at the desk, sent twice: by a key of its sender's, or by the form of one page."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.core.actions.note import Note
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import assign
from handlers.web import api, pages
from schemas.city import load_city
from schemas.errors import BadInput, KeyReused, StaleVersion
from schemas.http import Call, Page, Principal, Redirect, read
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Contact
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_races import RACERS, opened_by_racers, pair
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, routed

__all__ = ["pair"]  # a fixture
CITY = load_city()


class Register:
    """Nobody's contact details."""

    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        """None."""
        return None


def call(
    case_id: CaseId, body: Any, key: str = "", name: str = "system", department: DepartmentCode = HOUSING
) -> Call:
    """A request of that account's to the desk's API."""
    return Call(
        principal=Principal(role=Role.DEPARTMENT, name=name, department=department), language=Language.ZH,
        path={"case_id": case_id}, headers={"idempotency-key": key} if key else {}, address="10.0.0.1", body=body,
    )  # fmt: skip


async def act(unit: Unit, action: Action, *calls: Call) -> list[Any]:
    """What each is answered, or the kind of refusal."""
    outcomes = await api.act_each(unit, calls, action=action, city=CITY)
    return [type(each) if isinstance(each, Exception) else each for each in outcomes]


async def opened(unit: Unit, **fields: Any) -> CaseId:
    """A case with housing."""
    event = routed(**fields)
    await assign.open_cases(unit, [event])
    return event.case_id


async def events_of(unit: Unit, case_id: CaseId) -> list[str]:
    """The log's actions."""
    rows = await unit.db.fetch("SELECT action FROM handlers.log WHERE case_id = $1 ORDER BY seq", case_id)
    return [row["action"] for row in rows]


async def test_a_retry_with_the_same_key_gets_the_same_answer(unit: RecordingUnit) -> None:
    """Days later, too, though the case has moved on; nothing is done or told again."""
    case_id = await opened(unit)
    sign, note = call(case_id, Sign(version=3), "k-1"), call(case_id, Note(version=4, text="已巡查"), "k-2")
    first = [*await act(unit, Action.SIGN, sign), *await act(unit, Action.NOTE, note)]
    told = (len(unit.emitted), len(unit.emitted_to))
    unit.now += timedelta(days=3)
    again = [*await act(unit, Action.SIGN, sign), *await act(unit, Action.NOTE, note)]

    assert first == again
    assert told == (len(unit.emitted), len(unit.emitted_to))
    assert ["route", "sign", "note"] == await events_of(unit, case_id)


async def test_the_same_key_for_something_else_is_refused(unit: RecordingUnit) -> None:
    """Other words, another action, another case, two at once; another account's key is another key, and so is none."""
    case_id, other = await opened(unit), await opened(unit)
    note = Note(version=3, text="已巡查")
    await act(unit, Action.NOTE, call(case_id, note, "k"))

    assert [KeyReused] == await act(unit, Action.NOTE, call(case_id, Note(version=3, text="又去了"), "k"))
    assert [KeyReused] == await act(unit, Action.SIGN, call(case_id, Sign(version=3), "k"))
    assert [KeyReused] == await act(unit, Action.NOTE, call(other, note, "k"))
    both = await act(unit, Action.NOTE, call(case_id, note, "m"), call(other, note, "m"))
    assert (case_id, KeyReused) == (both[0].case_id, both[1])
    (by_another,) = await act(unit, Action.NOTE, call(other, note, "k", name="li"))
    assert other == by_another.case_id
    assert KeyReused.status == 409
    with pytest.raises(BadInput):
        await act(unit, Action.NOTE, call(case_id, note, "k" * 256))


async def test_what_was_refused_is_judged_again(unit: RecordingUnit) -> None:
    """The key of a request that did nothing stands for nothing; its neighbour's is kept."""
    case_id, other = await opened(unit), await opened(unit)
    refused, done = await act(
        unit, Action.SIGN, call(case_id, Sign(version=2), "a"), call(other, Sign(version=3), "b")
    )
    assert (StaleVersion, 4) == (refused, done.version)

    (signed,) = await act(unit, Action.SIGN, call(case_id, Sign(version=3), "a"))
    assert 4 == signed.version
    assert [done] == await act(unit, Action.SIGN, call(other, Sign(version=3), "b"))


async def test_two_at_once_with_one_key_are_one(pair: tuple[Any, Any]) -> None:
    """In two processes: the second waits for the first, and gets its answer."""
    case_id = await opened_by_racers(pair[0])
    both_in = asyncio.Barrier(2)

    async def send(connection: Any) -> Any:
        async with connection.transaction():
            await both_in.wait()
            note = call(case_id, Note(version=4, text="已巡查"), "k", department=RACERS)
            return (await act(RecordingUnit(connection, MONDAY), Action.NOTE, note))[0]

    answers = await asyncio.gather(*map(send, pair))

    assert answers[0] == answers[1]
    assert 1 == (await events_of(RecordingUnit(pair[0], MONDAY), case_id)).count("note")


async def submit(unit: Unit, who: Principal, address: str, token: str, **fields: str) -> int:
    """The status of a form of that page; 303 where it is done."""
    case_id, action = address.removeprefix("/desk/").split("/")
    routes = pages.routes(city=CITY, contacts=Register())
    (route,) = [each for each in routes if each.path == f"/desk/{{case_id}}/{action}"]
    sent = Call(
        principal=who, language=Language.ZH, path={"case_id": case_id}, headers={}, address="10.0.0.1",
        form=fields, form_token=token, query=read(route.query, {}) if route.query else None, unit_or_none=unit,
    )  # fmt: skip
    answer: Page | Redirect = await route.answer(sent)
    return answer.status if isinstance(answer, Page) else 303


async def test_a_form_sent_twice_is_done_once_and_said_to_be(unit: RecordingUnit) -> None:
    """Whatever it does, and whenever it comes: a part asked for, handed in and withdrawn, who joins, a note."""
    case_id = await opened(unit, supporting=(TRANSPORT,))
    lead = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
    theirs = replace(lead, name="zhao", department=TRANSPORT)
    steps: list[tuple[Principal, str, dict[str, str]]] = [
        (lead, "sign", {}),
        (lead, "ask-part", {"departments": "transport", "text": "请核实", "until": "2026-11-27"}),
        (theirs, "part", {"text": "已核实"}),
        (lead, "ask-part", {"departments": "transport", "text": "请再核实", "until": "2026-11-27"}),
        (lead, "withdraw-part", {"departments": "transport", "reason": "不用了"}),
        (lead, "co-handle", {"departments": "environment", "reason": "联合检查"}),
        (lead, "note", {"text": "已巡查"}),
    ]
    for place, (who, action, fields) in enumerate(steps):
        version = await unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", case_id)
        form = {**fields, "version": str(version)}
        unit.now += timedelta(minutes=1)
        before = await events_of(unit, case_id)
        assert 303 == await submit(unit, who, f"/desk/{case_id}/{action}", f"t{place}", **form), action
        once = (await events_of(unit, case_id), len(unit.emitted), len(unit.emitted_to))
        unit.now += timedelta(minutes=1)
        assert 303 == await submit(unit, who, f"/desk/{case_id}/{action}", f"t{place}", **form), action

        assert [*before, action] == once[0]
        assert once == (await events_of(unit, case_id), len(unit.emitted), len(unit.emitted_to)), action


async def test_other_words_from_the_same_page_are_another_note(unit: RecordingUnit) -> None:
    """Back in the browser, changed, and sent: nothing that somebody wrote is taken for what they wrote before."""
    case_id = await opened(unit)
    who = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
    for text in ("已巡查", "又去了一次", "已巡查"):
        assert 303 == await submit(unit, who, f"/desk/{case_id}/note", "t", version="3", text=text)

    assert ["route", "note", "note"] == await events_of(unit, case_id)
