"""What a citizen says later tells of danger: whoever has the case hears of it at once, on a real Postgres."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

import handlers.web.pages
import routing.web.pages
from handlers.core.danger_said import DANGER_SAID
from handlers.core.rules import Action
from intake.core.following.view import View
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.review import Decision
from routing.core.rules import load_rules
from routing.steps.danger_since import raise_cases
from routing.steps.decide import decide
from routing.steps.judging import SupplementWords, addition
from routing.steps.read_queue import read_alarming, read_queue
from routing.steps.undo import undo
from routing.store import cases, items
from schemas.errors import BadInput
from schemas.event import Event
from schemas.events.intake import CaseSupplemented
from schemas.events.routing import CaseUnmerged
from schemas.http import Page, Redirect, read
from schemas.ids import TrackingCode
from schemas.notices import Audience, Notice, Occasion
from schemas.words import CaseState, Language, ReviewKind, Urgency
from tests.conftest import RecordingUnit
from tests.integration.routing.test_queue import call_of
from tests.integration.routing.test_queue import html_of as dispatchers_html
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import (
    CASE,
    CITY,
    MESSAGE,
    WANG,
    act,
    call,
    decided,
    desk_page,
    html_of,
)
from tests.unit.intake.messages import KEYS, draft, message

#: A rule finds it; it sounds like it; no danger.
BURIED, HINTED = "现在楼塌了，有人被压", "粉碎机那里喊了一声就没动静了，进去看只剩只鞋"
PLAIN = "师傅来过一次，没有修好"
#: Nothing to go by: a dispatcher has it.
UNCLEAR = message(draft("一件事", "请看一下。"), entropy=b"u" * 32)


class Told(Slices):
    """All four, and whom they tell of what."""

    def __init__(self, unit: RecordingUnit) -> None:
        super().__init__(unit, CITY)
        self.told: list[Notice] = []

    async def view(self, code: TrackingCode = MESSAGE.codes.tracking_code) -> View:
        """As its citizen follows it."""
        found = await find_view(self.unit.db, code)
        assert found is not None
        return found

    async def add(self, text: str, code: TrackingCode = MESSAGE.codes.tracking_code) -> list[Event]:
        """The citizen adds that."""
        await citizen.supplement(self.unit, KEYS, await self.view(code), citizen.Addition(text=text))
        return await self.carry()

    def alarms(self) -> list[tuple[Occasion, Audience, str | None]]:
        """Each notice of danger, once."""
        alarming = (Occasion.EMERGENCY, Occasion.SUSPECTED, Occasion.DANGER_SAID)
        every = {one.id: one for one in self.told if one.occasion in alarming}
        return [(one.occasion, one.audience, one.department) for one in every.values()]

    async def pressing(self, case_id: str = CASE) -> tuple[str | None, str | None]:
        """How pressing the case is, for dispatchers and for its department."""
        db = self.unit.db
        asked = "SELECT urgency FROM {}.case WHERE case_id = $1::uuid"
        return (
            await db.fetchval(asked.format("routing"), case_id),
            await db.fetchval(asked.format("handlers"), case_id),
        )


TO_CENTRE = (Occasion.DANGER_SAID, Audience.DISPATCHERS, None)
TO_DESK = (Occasion.DANGER_SAID, Audience.DEPARTMENT, "transport")


@pytest.fixture
def slices(unit: RecordingUnit, monkeypatch: pytest.MonkeyPatch) -> Told:
    """All four."""
    slices = Told(unit)
    monkeypatch.setattr(unit, "notify", slices.told.append)
    return slices


async def _version(slices: Told) -> int:
    version: int = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    return version


async def _desk(slices: Told) -> str:
    query = read(handlers.web.pages._CaseQuery, {})
    page = await handlers.web.pages.show_case(call(slices, WANG, query=query), desk=desk_page())
    return html_of(page, WANG)


async def _answered(slices: Told) -> None:
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await act(slices, Action.REPLY, note="已办", response="班次已调整。")
    await decided(slices, ReviewKind.REPLY, accept=True)


@pytest.mark.parametrize(
    ("text", "urgency", "occasion"),
    [(BURIED, "emergency", Occasion.EMERGENCY), (HINTED, "urgent", Occasion.SUSPECTED)],
)
async def test_a_case_that_waits_stands_where_such_cases_stand(
    slices: Told, text: str, urgency: str, occasion: Occasion
) -> None:
    """The dispatchers are told once, read the words, and end it by no single press; with its route it goes on so."""
    await slices.submit(UNCLEAR)
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    await slices.add(PLAIN, code)
    assert [] == slices.alarms()
    await slices.add(text, code)
    await slices.add(f"{text}！", code)
    rows = (await read_queue(slices.unit, None, None, 50)).rows
    listed = [*[row for row in rows if row.is_emergency], *(await read_alarming(slices.unit))[0]]

    assert [(occasion, Audience.DISPATCHERS, None)] == slices.alarms()
    assert (urgency, None) == await slices.pressing(case_id)
    assert case_id in [row.case.case_id for row in listed]
    case = await cases.find(slices.unit.db, case_id)
    assert case is not None
    assert text in case.supplement
    (item,) = await items.waiting(slices.unit.db, case_id)
    with pytest.raises(BadInput):
        await decide(slices.unit, CITY, case_id, Decision(version=item.version, decline=True), "li")
    await decide(slices.unit, CITY, case_id, Decision(version=item.version, lead="transport"), "li")
    await slices.carry()
    assert (urgency, urgency) == await slices.pressing(case_id)


@pytest.mark.parametrize(("text", "urgency"), [(BURIED, "emergency"), (HINTED, "urgent")])
async def test_the_department_that_has_it_is_told_too(slices: Told, text: str, urgency: str) -> None:
    """Once, with a row in its history and above the message; an emergency is due in two hours, nothing else is sooner."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    due = await slices.unit.db.fetchval("SELECT due_at FROM handlers.case WHERE case_id = $1", CASE)
    await slices.add(PLAIN)
    assert [] == slices.alarms()
    assert 'id="danger-said"' not in await _desk(slices)
    await slices.add(text)
    await slices.add(f"{text}！")
    log = await slices.unit.db.fetch(
        "SELECT action, detail FROM handlers.log WHERE case_id = $1 AND action = $2", CASE, DANGER_SAID
    )
    page = await _desk(slices)

    assert [TO_CENTRE, TO_DESK] == slices.alarms()
    assert (urgency, urgency) == await slices.pressing()
    assert 2 == len(log)
    assert 'id="danger-said"' in page
    assert "市民又说到险情，请先核实" in page
    now_due = await slices.unit.db.fetchval("SELECT due_at FROM handlers.case WHERE case_id = $1", CASE)
    assert now_due == (slices.unit.now + timedelta(hours=2) if urgency == "emergency" else due)
    told = [event for department, event in slices.unit.emitted_to if department == "transport"]
    assert DANGER_SAID in [getattr(event, "what", "") for event in told]


async def test_another_danger_is_told_again(slices: Told) -> None:
    """Though nothing else happened to the case between: whoever smelled gas and saw fire three days later."""
    await slices.submit(MESSAGE)
    await slices.submit(UNCLEAR)
    for text in (BURIED, BURIED, "现在着火了，楼道都是浓烟"):
        await slices.add(text)
        await slices.add(text, UNCLEAR.codes.tracking_code)

    assert 2 * [TO_CENTRE] == [each for each in slices.alarms() if each == TO_CENTRE]
    assert 2 * [TO_DESK] == [each for each in slices.alarms() if each == TO_DESK]
    assert 2 == len([each for each in slices.alarms() if each[0] is Occasion.EMERGENCY])


@pytest.mark.parametrize(
    "text", ["电线已经接好了，不冒火花了。", "My neighbour apologised for hitting me; I withdraw."]
)
async def test_what_is_told_as_over_is_no_more_than_suspected(slices: Told, text: str) -> None:
    """Nobody could call it less once its department has it; people hear of it all the same."""
    await slices.submit(MESSAGE)
    await slices.add(text)

    assert [TO_CENTRE, TO_DESK] == slices.alarms()
    assert ("urgent", "urgent") == await slices.pressing()


@pytest.mark.parametrize("text", [BURIED, HINTED])
async def test_what_was_said_is_read_before_a_department_loses_the_case(slices: Told, text: str) -> None:
    """However it sounds: to merge it takes a second yes, and that of whoever has seen it."""
    await slices.submit(MESSAGE)
    await slices.submit(UNCLEAR)
    await slices.add(text)
    other, version = UNCLEAR.codes.case_id, await _version(slices)
    form = {"version": f"{version}", "action": "merge", "merge_into": other}
    stale = {"confirm": "true", "dangers_seen": "0"}
    for said, error in (({}, "请勾选“已核实”再并单"), (stale, "市民刚才又说到险情")):
        page = await routing.web.pages.decide_on_page(call_of(slices.unit, CASE, form | said), city=CITY)
        assert isinstance(page, Page)
        html = dispatchers_html(page, Language.ZH)
        assert 'id="in-hand-confirm-error"' in html
        assert error in html
        assert 'name="dangers_seen" value="1"' in html
    seen = form | {"confirm": "true", "dangers_seen": "1"}
    assert isinstance(
        await routing.web.pages.decide_on_page(call_of(slices.unit, CASE, seen), city=CITY), Redirect
    )


@pytest.mark.parametrize("ends", [{"decline": True}, {"lead": "transport", "urgency": Urgency.NORMAL}])
async def test_a_yes_of_before_is_none(slices: Told, ends: dict[str, Any]) -> None:
    """Whoever confirms has read the danger that came between the look and the press."""
    await slices.submit(UNCLEAR)
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    await slices.add(BURIED, code)
    (item,) = await items.waiting(slices.unit.db, case_id)
    await slices.add("现在着火了，楼道都是浓烟", code)
    decision = Decision(version=item.version, confirm=True, dangers_seen=1, **ends)
    with pytest.raises(BadInput) as refused:
        await decide(slices.unit, CITY, case_id, decision, "li")

    assert ["confirm"] == [error.field for error in refused.value.errors]
    await decide(slices.unit, CITY, case_id, replace(decision, dangers_seen=2), "li")


async def test_what_stands_in_an_answer_to_a_question_is_heard(slices: Told) -> None:
    """Though the question was about something else."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await act(
        slices, Action.ASK, text="请问是哪一站？", until=f"{slices.unit.now + timedelta(days=3):%Y-%m-%d}"
    )
    await citizen.answer(slices.unit, KEYS, await slices.view(), citizen.Addition(text=BURIED))
    await slices.carry()

    assert [TO_CENTRE, TO_DESK] == slices.alarms()
    assert ("emergency", "emergency") == await slices.pressing()


async def test_a_rating_of_a_closed_case_is_heard(slices: Told) -> None:
    """The case stays what it was; dispatchers and department hear of it."""
    await _answered(slices)
    await citizen.rate(slices.unit, KEYS, await slices.view(), score=1, comment=BURIED)
    await slices.carry()

    assert [TO_CENTRE, TO_DESK] == slices.alarms()
    assert "normal" == (await slices.pressing())[1]
    assert 'id="danger-said"' in await _desk(slices)


async def test_a_case_that_is_reopened_is_as_pressing_as_its_objection(slices: Told) -> None:
    """Its department has it once more."""
    await _answered(slices)
    await citizen.object_to_outcome(slices.unit, KEYS, await slices.view(), reason=BURIED)
    await slices.carry()

    assert [TO_CENTRE, TO_DESK] == slices.alarms()
    assert ("emergency", "emergency") == await slices.pressing()


async def test_a_declined_case_stands_at_the_queues_head(slices: Told) -> None:
    """Its citizen objects, and somebody is in danger: another dispatcher has it at once."""
    await slices.submit(UNCLEAR)
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    (item,) = await items.waiting(slices.unit.db, case_id)
    await decide(slices.unit, CITY, case_id, Decision(version=item.version, decline=True), "li")
    await slices.carry()
    await citizen.object_to_outcome(slices.unit, KEYS, await slices.view(code), reason=BURIED)
    await slices.carry()
    rows = (await read_queue(slices.unit, None, None, 50)).rows

    assert [(Occasion.EMERGENCY, Audience.DISPATCHERS, None)] == slices.alarms()
    assert case_id in [row.case.case_id for row in rows if row.is_emergency]


async def test_a_merged_case_is_decided_on_alone(slices: Told) -> None:
    """It waits for no answer of another's."""
    await slices.submit(MESSAGE)
    await slices.submit(UNCLEAR)
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    (item,) = await items.waiting(slices.unit.db, case_id)
    await decide(slices.unit, CITY, case_id, Decision(version=item.version, merge_into=CASE), "li")
    await slices.carry()
    await act(slices, Action.SIGN)
    await act(slices, Action.REPLY, note="已办", response="班次已调整。")
    await decided(slices, ReviewKind.REPLY, accept=True)
    await citizen.rate(slices.unit, KEYS, await slices.view(code), score=1, comment=BURIED)
    said = await slices.carry()

    assert [case_id] == [event.case_id for event in said if isinstance(event, CaseUnmerged)]
    assert [(Occasion.EMERGENCY, Audience.DISPATCHERS, None)] == slices.alarms()
    assert ("emergency", None) == await slices.pressing(case_id)
    assert 1 == len(await items.waiting(slices.unit.db, case_id))


async def test_whoever_takes_a_case_back_is_heard(slices: Told) -> None:
    """It ends as they ask, and people hear why."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await citizen.withdraw(slices.unit, KEYS, await slices.view(), reason=BURIED)
    await slices.carry()

    assert [TO_CENTRE, TO_DESK] == slices.alarms()
    assert CaseState.WITHDRAWN is (await slices.view()).state


async def test_whom_it_accuses_hears_nothing(slices: Told) -> None:
    """The case leaves its department with the same words; the dispatchers hear of the danger."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await slices.add(f"交通局路政大队收钱放行超载车。{BURIED}")

    assert [TO_CENTRE] == slices.alarms()
    assert ("emergency", "emergency") == await slices.pressing()


@pytest.mark.parametrize(("text", "urgency"), [(BURIED, "emergency"), (HINTED, "urgent")])
async def test_what_is_undone_makes_it_no_less_pressing(slices: Told, text: str, urgency: str) -> None:
    """A dispatch that called it otherwise is taken back after the citizen told of danger."""
    await slices.submit(UNCLEAR)
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    (item,) = await items.waiting(slices.unit.db, case_id)
    sent = Decision(version=item.version, lead="transport", urgency=Urgency.URGENT)
    done = await decide(slices.unit, CITY, case_id, sent, "li")
    await slices.carry()
    await slices.add(text, code)
    await undo(slices.unit, case_id, done.version, "li")
    await slices.carry()

    assert (urgency, urgency) == await slices.pressing(case_id)
    assert 1 == len(await items.waiting(slices.unit.db, case_id))


async def test_an_undone_move_makes_it_no_less_pressing(slices: Told) -> None:
    """Whoever had it before has it as it is now."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    case = await cases.find(slices.unit.db, CASE)
    version = await _version(slices)
    assert case is not None
    moved = await decide(
        slices.unit, CITY, CASE, Decision(version=version, lead="water", remarks="职责在该单位"), "li"
    )
    await slices.carry()
    await slices.add(BURIED)
    await undo(slices.unit, CASE, moved.version, "li")
    await slices.carry()

    assert "transport" == await slices.unit.db.fetchval(
        "SELECT lead FROM handlers.case WHERE case_id = $1", CASE
    )
    assert ("emergency", "emergency") == await slices.pressing()


async def test_words_of_a_case_that_nobody_knows_change_nothing(slices: Told) -> None:
    """As after a restore of an older copy: they come once more with the case."""
    event = CaseSupplemented(case_id=CASE, version=3, at=slices.unit.now, text=BURIED)
    told = SupplementWords(event, addition(load_rules(), BURIED), BURIED)

    assert set() == await raise_cases(slices.unit, [told])
    assert [] == slices.told
    assert set() == await raise_cases(
        slices.unit, [told._replace(judged=replace(told.judged, danger=addition(load_rules(), PLAIN).danger))]
    )
