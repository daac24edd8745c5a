"""The pages of call-backs: whom to call, the form, what came of it; and what nobody is shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.composition.lives import NamelessLives
from deploy.web.site.render import renderer_of
from routing.steps.read_matters import KeptMatters
from schemas.errors import ActionNotAllowed, NotFound
from schemas.http import Call, Page, Principal, Redirect
from schemas.ids import CaseId
from schemas.words import CaseField, Language, Role
from sla.steps.call_backs import list_settled, list_to_call
from sla.web import call_backs as web
from tests.conftest import RecordingUnit
from tests.integration.sla.calling import (
    ASK,
    CASE,
    KNOW,
    SAID,
    SETTLED,
    WU,
    closed_case,
    draw_day,
    written,
)
from tests.integration.sla.ordering import (
    CITY,
)
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """A closed case whose citizen takes calls."""
    return (await closed_case(unit))[0]


async def test_what_became_private_is_nowhere(slices: Slices) -> None:
    """Neither in the list nor among the results, nor can it be opened by who has its address."""
    await draw_day(slices)
    await slices.unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1", CASE)
    page = await web.list_call_backs(_call(slices), on=_desk())

    assert [] == page.items
    with pytest.raises(NotFound):
        await web.show_call_back(_call(slices, path={"case_id": CASE}), on=_desk())
    await slices.unit.db.execute("UPDATE routing.case SET protected = false WHERE case_id = $1", CASE)
    await written(slices, SETTLED)
    await slices.unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1", CASE)
    assert [] == (await web.list_call_backs(_call(slices, state="settled"), on=_desk())).items


def _desk() -> web.CallDesk:
    return web.CallDesk(city=CITY, matters=KeptMatters(), lives=NamelessLives(KEYS), **ASK, **KNOW)


def _call(slices: Slices, path: Mapping[str, str] | None = None, **more: Any) -> Call:
    form = more.pop("form", {})
    return Call(
        principal=more.pop("who", WU), language=more.pop("language", Language.ZH), path=path or {}, headers={},
        address="10.0.0.1", unit_or_none=slices.unit, query=web.CallBackQuery(**more), form=form,
    )  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
async def test_the_pages(slices: Slices, language: Language) -> None:
    """Empty, listed, the form, refused with what was typed, the number, sent twice, and what came of it."""
    renderer, desk = renderer_of(CITY), _desk()
    one = {"case_id": CASE}

    async def page(answer: Any, **more: Any) -> str:
        call = _call(slices, language=language, **more)
        found = await answer(call, on=desk)
        assert isinstance(found, Page)
        return renderer.render(
            found, language=language, principal=call.principal, csrf_token="t", path="/callbacks"
        )

    assert SAID[0] not in await page(web.show_list)
    await draw_day(slices)
    assert SAID[0] in await page(web.show_list)
    assert "13800138000" not in await page(web.show_one, path=one)
    assert "13800138000" in await page(web.contact_page, path=one)
    typed = {"number": "1", "reached": "yes", "solved": "no", "note": "还是九点"}
    refused = await web.record_page(_call(slices, path=one, form=typed), on=desk)
    assert isinstance(refused, Page)
    assert 422 == refused.status
    assert "还是九点" in await page(web.record_page, path=one, form=typed)
    whole = typed | {"contacted": "yes", "satisfied": "no"}
    done = await web.record_page(_call(slices, path=one, form=whole), on=desk)
    assert Redirect(to="/callbacks?done=redo") == done
    assert done == await web.record_page(_call(slices, path=one, form=whole), on=desk)
    somebody = Principal(role=Role.DISPATCHER, name="somebody")
    with pytest.raises(NotFound):
        await web.record_page(_call(slices, path=one, form=whole, who=somebody), on=desk)
    supervisor = Principal(role=Role.SUPERVISOR, name="sun")
    assert "还是九点" in await page(web.show_list, who=supervisor)


async def test_looks_are_written_down(slices: Slices) -> None:
    """Titles of the list; message and answer of the case; the number."""
    await draw_day(slices)
    shown = []
    for answer, path in ((web.list_call_backs, None), (web.show_call_back, {"case_id": CASE}),
                         (web.show_contact, {"case_id": CASE})):  # fmt: skip
        call = _call(slices, path=path)
        await answer(call, on=_desk())
        shown.append(set(call.shown[CASE]))

    assert [{CaseField.TITLE}, True, {CaseField.CONTACT}] == [
        shown[0], {CaseField.TEXT, CaseField.RESPONSE} <= shown[1], shown[2]
    ]  # fmt: skip


async def test_pages_of_the_list(slices: Slices) -> None:
    """A page ends where the next begins, in both lists; nothing twice and nothing left out."""
    await draw_day(slices)
    db, now = slices.unit.db, slices.unit.now
    others = [CaseId(f"00000000-0000-7000-8000-{number:012}") for number in range(4)]
    for place, other in enumerate(others):
        await _copy(db, other, now + timedelta(minutes=place // 2))
    for lists, total in ((list_to_call, 5), (list_settled, 0)):
        found: list[CaseId] = []
        cursor = None
        while True:
            items, cursor = await lists(slices.unit, WU, cursor=cursor, limit=2)
            found += [each.case_id for each in items]
            if cursor is None:
                break
        assert (total, total) == (len(found), len(set(found)))


async def _copy(db: Any, case_id: CaseId, at: datetime) -> None:
    await db.execute(
        """INSERT INTO sla."case" (case_id, closed_at, outcome, received_at, lead, leads)
           SELECT $1, closed_at, outcome, received_at, lead, leads FROM sla."case" WHERE case_id = $2""",
        case_id,
        CASE,
    )
    await db.execute(
        """INSERT INTO sla.call_back (case_id, number, day, why, state, drawn_at, closed_at, department, leads)
           SELECT $1, 1, day, why, state, $3, closed_at, department, leads FROM sla.call_back WHERE case_id = $2""",
        case_id,
        CASE,
        at,
    )


@pytest.mark.parametrize(
    "answers",
    [
        {"reached": True, "contacted": True, "solved": "yes", "satisfied": True},
        {"reached": True, "contacted": False, "solved": "no", "satisfied": False, "note": "还是九点"},
    ],
)
async def test_a_program_that_sends_a_result_again_gets_the_same_answer(
    slices: Slices, answers: dict[str, Any]
) -> None:
    """However long after, by the same one; with another answer, of another number or by another one it is refused."""
    await draw_day(slices)

    async def sent(who: Principal = WU, **changed: Any) -> web.CallRecorded:
        call = _call(slices, path={"case_id": CASE}, who=who)
        call.body = web.CallResultBody(**{"number": 1, **answers, **changed})
        return await web.record(call, on=_desk())

    first = await sent()
    await slices.carry()
    slices.unit.now += timedelta(hours=3)

    assert first == await sent()
    others: tuple[dict[str, Any], ...] = (
        {"satisfied": not answers["satisfied"]},
        {"number": 2},
        {"who": Principal(role=Role.DISPATCHER, name="li")},
        {"reached": False, "why_not": "no_answer"},
    )
    for refused in others:
        with pytest.raises((NotFound, ActionNotAllowed)):
            await sent(**refused)
