"""What was done after a copy, and only Kafka still has, is done again on the restored one: on Postgres, in all slices."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from deploy.reconcile.fates import EventFate, fate_of
from handlers.core.rules import Action
from intake.core.following.view import View
from intake.core.public.publication import ChosenLimit
from intake.steps import act_on_case as citizen
from intake.steps.entries import KeptEntries
from intake.steps.limit_publication import limit_publication
from intake.steps.take_up import take_up as take_up_citizens
from intake.store.view import find_view
from routing.core.decisions.review import Decision, DirectAnswer
from routing.core.decisions.splitting import NamedMatter
from routing.steps.decide import decide
from routing.steps.take_up import take_up as take_up_dispatchers
from schemas.event import Event
from schemas.events.call_backs import CallBackDue
from schemas.events.knowledge import EntryPublished
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.words import Kind, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.centre import CONTENT, ENTRY
from tests.integration.everybodys_requests import ANOTHER
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import CITY, MESSAGE, act, decided
from tests.unit.intake.messages import KEYS, draft, message

#: Waits for a dispatcher.
UNSURE = message(draft("一件小事", "请看一下，谢谢。", kind=Kind.CONSULTATION), entropy=b"b" * 32)
#: Another one that waits.
THIRD = message(draft("又一件小事", "也请看一下。", kind=Kind.CONSULTATION), entropy=b"c" * 32)
_SECRET = b"which answers are read again"
#: All that the slices keep of cases.
_KEPT = (
    "routing.case", "routing.review_item", "routing.told", "routing.reading", "handlers.case", "handlers.log", "intake.view",
    "intake.published", "intake.withheld", "intake.publication_limit", "sla.clock",
)  # fmt: skip

_Deed = Callable[[Slices], Awaitable[Any]]


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """All four, with one case at a department, another one at the same, and one that waits for a dispatcher."""
    found = Slices(unit, CITY)
    entry = EntryPublished(
        case_id=ENTRY, version=3, at=unit.now, owner=DepartmentCode("housing"), content=CONTENT,
        holds_from=unit.now - timedelta(days=1), holds_until=unit.now + timedelta(days=30),
    )  # fmt: skip
    unit.emit(entry)
    for each in (MESSAGE, ANOTHER, UNSURE):
        await found.submit(each)
    return found


async def _seen(slices: Slices, message: Any) -> View:
    found = await find_view(slices.unit.db, message.codes.tracking_code)
    assert found is not None
    return found


def _decides(**said: Any) -> _Deed:
    """A dispatcher decides on what waits."""

    async def deed(slices: Slices) -> None:
        case_id = UNSURE.codes.case_id
        version = await slices.unit.db.fetchval(
            "SELECT max(version) FROM routing.review_item WHERE case_id = $1 AND state = 'open'", case_id
        )
        decision = Decision(version=version, **said)
        await decide(slices.unit, CITY, case_id, decision, "li", KeptEntries(), sample_key=_SECRET)

    return deed


def _does(message: Any, does: Callable[..., Awaitable[None]], **said: Any) -> _Deed:
    """Its citizen does something."""

    async def deed(slices: Slices) -> None:
        await does(slices.unit, KEYS, await _seen(slices, message), **said)

    return deed


def _acts(action: Action, **said: Any) -> _Deed:
    return lambda slices: act(slices, action, **said)


async def _joins(slices: Slices) -> None:
    """Another message, which waited, was merged into the one that waits."""
    await slices.submit(THIRD)
    waits = await slices.unit.db.fetchval(
        "SELECT max(version) FROM routing.review_item WHERE case_id = $1 AND state = 'open'",
        THIRD.codes.case_id,
    )
    merges = Decision(version=waits, merge_into=UNSURE.codes.case_id)
    await decide(slices.unit, CITY, THIRD.codes.case_id, merges, "li", KeptEntries(), sample_key=_SECRET)


def _says_of_publication(*, is_allowed: bool) -> _Deed:
    """Its citizen says whether everybody may read the answer."""

    async def deed(slices: Slices) -> None:
        await citizen.allow_publication(slices.unit, await _seen(slices, MESSAGE), is_allowed=is_allowed)

    return deed


async def _is_kept_from_others(slices: Slices) -> None:
    """Staff hide a word of it, and take the rest down."""
    chosen = ChosenLimit(
        version=0,
        is_withheld=True,
        hides_pictures=True,
        hidden=(MESSAGE.event.title[:2],),
        reason="涉及未成年人",
    )
    await limit_publication(
        slices.unit, KEYS, MESSAGE.codes.case_id, chosen, by=Principal(role=Role.DISPATCHER, name="li")
    )


async def _asked_back(slices: Slices) -> None:
    """Whether it is settled the citizen is asked on their page."""
    due = CallBackDue(
        case_id=MESSAGE.codes.case_id, version=(await _seen(slices, MESSAGE)).version, at=slices.unit.now, number=1,
        why="sample", department=DepartmentCode("transport"), until=slices.unit.now + timedelta(days=3),
    )  # fmt: skip
    slices.unit.emit(due)


_MORE = {"added": citizen.Addition(text="在和平路公交站，晚上九点以后。")}
_SAID = {"contacted": True, "solved": "no", "satisfied": False, "comment": "还是没有车"}
_ANSWER = DirectAnswer(entry_id=ENTRY, text="请带身份证到窗口办理。")
_SETTLED: Sequence[_Deed] = (
    _acts(Action.SIGN), _acts(Action.REPLY, note="已办", response="班次已调整。"),
    lambda slices: decided(slices, ReviewKind.REPLY, accept=True),
)  # fmt: skip
_ASKED: Sequence[_Deed] = (_acts(Action.SIGN), _acts(Action.ASK, text="在哪一站？", until="2026-11-27"))

#: What happened before the copy, and what was done after it.
DEEDS: Mapping[str, tuple[Sequence[_Deed], _Deed]] = {
    "answered directly": ((), _decides(answer=_ANSWER)),
    "declined": ((), _decides(decline=True)),
    "declined in words": ((), _decides(decline="请向市仲裁委员会申请仲裁。")),
    "merged": ((), _decides(merge_into=ANOTHER.codes.case_id)),
    "dispatched": ((), _decides(lead="water", supporting=("transport",))),
    "dispatched as an item of the catalogue": ((), _decides(item="property-fee")),
    "dispatched with a matter split off": (
        (), _decides(lead="water", parts=(NamedMatter(department=DepartmentCode("transport"), text="公交站牌"),)),
    ),
    "declined, with another merged into it": ([_joins], _decides(decline=True)),
    "added to": (_SETTLED[:1], _does(MESSAGE, citizen.supplement, **_MORE)),
    "added to before dispatch": ((), _does(UNSURE, citizen.supplement, **_MORE)),
    "a question answered": (_ASKED, _does(MESSAGE, citizen.answer, **_MORE)),
    "withdrawn": (_SETTLED[:1], _does(MESSAGE, citizen.withdraw, reason="不需要了")),
    "withdrawn before dispatch": ((), _does(UNSURE, citizen.withdraw, reason="不需要了")),
    "rated": (_SETTLED, _does(MESSAGE, citizen.rate, score=1, comment="没有解决")),
    "objected to": (_SETTLED, _does(MESSAGE, citizen.object_to_outcome, reason="没有解决")),
    "a refusal objected to": (
        [_decides(decline=True)], _does(UNSURE, citizen.object_to_outcome, reason="请再看一下"),
    ),
    "a direct answer objected to": (
        [_decides(answer=_ANSWER)], _does(UNSURE, citizen.object_to_outcome, reason="请再看一下"),
    ),
    "publication refused": (_SETTLED, _says_of_publication(is_allowed=False)),
    "publication allowed": (
        [*_SETTLED, _says_of_publication(is_allowed=False)], _says_of_publication(is_allowed=True),
    ),
    "publication limited": (_SETTLED, _is_kept_from_others),
    "a call-back answered": ([*_SETTLED, _asked_back], _does(MESSAGE, citizen.answer_call_back, **_SAID)),
}  # fmt: skip


async def _all_kept(slices: Slices) -> Mapping[str, Sequence[Any]]:
    """Every row but for what differs by nature: the numbers of rows, and when Postgres wrote them."""
    db = slices.unit.db
    kept = {}
    for table in _KEPT:
        rows = [dict(row) for row in await db.fetch(f"SELECT * FROM {table} ORDER BY 1, 2, 3")]  # noqa: S608  ours
        kept[table] = [{key: row[key] for key in row if key not in ("settled", "fresh")} for row in rows]
    return kept


async def _take_up(slices: Slices, event: Event) -> bool:
    if event.producer == "routing":
        return await take_up_dispatchers(slices.unit, event, _SECRET)
    return await take_up_citizens(slices.unit, KEYS, event)


async def _lost(slices: Slices, name: str) -> tuple[list[Event], Mapping[str, Sequence[Any]]]:
    """Do it, and go back to before: what Kafka has of it, and how everything stood."""
    before, deed = DEEDS[name]
    for each in before:
        slices.unit.now += timedelta(minutes=20)
        await each(slices)
        await slices.carry()
    slices.unit.now += timedelta(minutes=20)
    copy = slices.unit.db.transaction()
    await copy.start()
    await deed(slices)
    said = await slices.carry()
    kept = await _all_kept(slices)
    await copy.rollback()
    return [event for event in said if fate_of(event) is EventFate.AGAIN], kept


@pytest.mark.parametrize("name", DEEDS)
async def test_a_lost_deed_is_done_once_more(slices: Slices, name: str) -> None:
    """In the name of who did it, and everything stands as it did; done twice it is refused, and changes nothing."""
    [event], kept = await _lost(slices, name)
    assert kept != await _all_kept(slices)

    assert await _take_up(slices, event)
    await slices.carry()
    assert kept == await _all_kept(slices)

    await _take_up(slices, event)
    await slices.carry()
    assert kept == await _all_kept(slices)


@pytest.mark.parametrize("name", DEEDS)
async def test_what_has_moved_on_meanwhile_is_left_as_it_is(slices: Slices, name: str) -> None:
    """Somebody declined, dispatched or closed the case since: nothing of then is done to what stands now."""
    [event], _ = await _lost(slices, name)
    if event.case_id == UNSURE.codes.case_id:
        if "objected" not in name:
            await _decides(lead="water")(slices)
        else:
            await _does(UNSURE, citizen.object_to_outcome, reason="另有话说")(slices)
    else:
        if not DEEDS[name][0][2:]:
            await _acts(Action.REPLY, note="已办", response="班次已调整。")(slices)
            await decided(slices, ReviewKind.REPLY, accept=True)
        await _does(MESSAGE, citizen.object_to_outcome, reason="另有话说")(slices)
    await slices.carry()
    kept = await _all_kept(slices)
    # What somebody says of a case or of its publication, and that they take it back, counts wherever it stands.
    counts = any(word in name for word in ("added", "question", "withdrawn", "publication"))

    assert counts is await _take_up(slices, event)
    await slices.carry()
    assert counts is (kept != await _all_kept(slices))


async def test_a_case_that_others_wait_for_is_not_answered_directly(slices: Slices) -> None:
    """Another was merged into it since: the direct answer of then is no department's, and that one would wait for ever."""
    [event], _ = await _lost(slices, "answered directly")
    await _joins(slices)
    await slices.carry()
    kept = await _all_kept(slices)

    assert not await _take_up(slices, event)
    assert kept == await _all_kept(slices)


async def _publication(slices: Slices) -> str | None:
    return (await _seen(slices, MESSAGE)).publication


async def test_a_later_word_on_publication_stands(slices: Slices) -> None:
    """The citizen said no since the copy was restored: the yes of before it is over, and says nothing more."""
    [allowed], _ = await _lost(slices, "publication allowed")
    await _says_of_publication(is_allowed=True)(slices)
    slices.unit.now += timedelta(minutes=1)
    await _says_of_publication(is_allowed=False)(slices)
    await slices.carry()
    kept = await _all_kept(slices)

    assert await _take_up(slices, allowed)
    assert not await slices.carry()
    assert kept == await _all_kept(slices)


async def test_a_yes_is_for_the_answer_that_was_read(slices: Slices) -> None:
    """Another one was given since the copy was restored: its citizen has not said that everybody may read that."""
    [allowed], _ = await _lost(slices, "publication allowed")
    slices.unit.now += timedelta(minutes=1)
    await _does(MESSAGE, citizen.object_to_outcome, reason="没有解决")(slices)
    await slices.carry()
    slices.unit.now += timedelta(minutes=1)
    await _acts(Action.REPLY, note="再办", response="又调整了一次。")(slices)
    await slices.carry()
    await decided(slices, ReviewKind.REPLY, accept=True)
    await slices.carry()

    assert not await _take_up(slices, allowed)
    assert await _publication(slices) == "withheld"


async def test_a_case_that_accuses_somebody_since_is_read_by_nobody_whatever_was_allowed(
    slices: Slices,
) -> None:
    """The yes is of before; who is accused since the copy was restored must not read it."""
    [allowed], _ = await _lost(slices, "publication allowed")
    await _does(MESSAGE, citizen.rate, score=1, comment="公交公司的王主任收受贿赂，收了司机的钱。")(slices)
    await slices.carry()
    assert await _publication(slices) is None

    assert not await _take_up(slices, allowed)
    assert await _publication(slices) is None
