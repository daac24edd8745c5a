"""Topics that grow, over real rows: who is counted, when somebody is warned, and what a new process knows."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from opencc import OpenCC

from routing.core.topics.heat import TopicRules
from routing.steps import topics as steps
from routing.steps.topics import TopicFinder, read_hot
from routing.store import topics as store
from schemas.events.intake import CaseRegistered
from schemas.events.routing import TopicWarned
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.values import Place
from schemas.words import Kind
from tests.integration.routing.cases import AT, new_case_id, registered, route
from tests.unit.routing.test_topics import OTHERS, PLANT

RULES = TopicRules()
_TRADITIONAL = OpenCC("s2t")


class Written:
    """Who wrote, as a test says."""

    def __init__(self) -> None:
        self.by: dict[CaseId, bytes] = {}

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, bytes]:
        """Those that the test named."""
        return {case: self.by[case] for case in case_ids if case in self.by}


@pytest.fixture
def written() -> Written:
    """Nobody yet."""
    return Written()


@pytest.fixture
async def finder(unit: Any, written: Written) -> TopicFinder:
    """A process that has looked at a city's other matters."""
    unit.now = AT
    await route(unit, [registered(words) for words in OTHERS])
    finder = TopicFinder(written, RULES)
    await finder.look(unit)
    return finder


async def _write(
    unit: Any, written: Written, number: int, author: bytes | None, **changes: object
) -> CaseRegistered:
    event = registered(PLANT[number % len(PLANT)], **{"received_at": unit.now, **changes})
    await route(unit, [event])
    if author is not None:
        written.by[event.case_id] = author
    return event


def _warnings(unit: Any) -> list[TopicWarned]:
    return [event for event in unit.emitted if isinstance(event, TopicWarned)]


async def test_three_people_are_an_early_warning_once(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """Said with the third person, of the latest case; the fourth makes no second one, twice as many do."""
    for number in range(2):
        await _write(unit, written, number, bytes([number]))
    await finder.look(unit)
    assert not _warnings(unit)

    unit.now = AT + timedelta(minutes=1)
    third = await _write(unit, written, 2, b"third")
    await finder.look(unit)
    await _write(unit, written, 3, b"fourth")
    await finder.look(unit)

    (warning,) = _warnings(unit)
    assert (third.case_id, 3, 3) == (warning.case_id, warning.people, warning.cases)

    for number in range(2):
        await _write(unit, written, number, b"more%d" % number)
    await finder.look(unit)
    assert [3, 6] == [one.people for one in _warnings(unit)]


async def test_who_writes_in_traditional_characters_is_one_of_them(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """The matter is the same in either script."""
    for number in range(3):
        title, text = (words.replace("翠湖春天花园", "龙岗华庭") for words in PLANT[number])
        words = (title, text) if number else (_TRADITIONAL.convert(title), _TRADITIONAL.convert(text))
        event = registered(words, received_at=unit.now)
        await route(unit, [event])
        written.by[event.case_id] = bytes([number])

    await finder.look(unit)

    assert [3] == [warned.people for warned in _warnings(unit)]


async def test_one_author_is_never_hot(unit: Any, written: Written, finder: TopicFinder) -> None:
    """Neither by writing often, nor with messages that tell nothing of who wrote."""
    for number in range(8):
        await _write(unit, written, number, b"one" if number % 2 else None)
    await finder.look(unit)

    assert not _warnings(unit)
    assert [] == await read_hot(unit, RULES)


async def test_what_must_stay_hidden_is_no_part_of_it(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """Neither confidential cases, nor reports, nor what turns out to accuse somebody later."""
    shown = [await _write(unit, written, number, bytes([number])) for number in range(4)]
    await _write(unit, written, 0, b"secret", confidential=True)
    await _write(unit, written, 1, b"reports", kind=Kind.REPORT)
    await finder.look(unit)
    (found,) = await read_hot(unit, RULES)
    assert (4, 4) == (found.people, found.cases)

    await unit.db.execute(
        "UPDATE routing.case SET protected = true WHERE case_id = $1::uuid", shown[3].case_id
    )
    (found,) = await read_hot(unit, RULES)
    assert (3, 3) == (found.people, found.cases)
    assert shown[3].tracking_code not in {sample.tracking_code for sample in found.samples}

    await unit.db.execute(
        "UPDATE routing.case SET accused = '{housing}' WHERE case_id = $1::uuid", shown[2].case_id
    )
    assert [] == await read_hot(unit, RULES)


async def test_merged_cases_count_as_people_and_are_no_samples(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """Dispatchers who merge duplicates cool nothing down; what was taken back counts no more."""
    cases = [await _write(unit, written, number, bytes([number])) for number in range(4)]
    await finder.look(unit)
    states = "UPDATE routing.case SET state = $2 WHERE case_id = $1::uuid"
    await unit.db.execute(states, cases[0].case_id, "merged")
    await unit.db.execute(states, cases[1].case_id, "withdrawn")

    (found,) = await read_hot(unit, RULES)
    assert 3 == found.people
    codes = {sample.tracking_code for sample in found.samples}
    assert {cases[2].tracking_code, cases[3].tracking_code} == codes


async def test_a_new_process_goes_on_where_the_last_one_stopped(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """What belongs together does so still, nothing is read twice, and nobody is warned twice."""
    for number in range(3):
        await _write(unit, written, number, bytes([number]))
    await finder.look(unit)
    (before,) = await read_hot(unit, RULES)

    await _write(unit, written, 3, b"later")
    another = TopicFinder(written, RULES)
    assert 1 == await another.look(unit)
    assert 0 == await another.look(unit)

    (after,) = await read_hot(unit, RULES)
    assert (before.topic, 4) == (after.topic, after.people)
    assert 1 == len(_warnings(unit))
    # The first one finds that somebody else has looked, and learns anew.
    await _write(unit, written, 0, b"last")
    assert 1 == await finder.look(unit)
    (after,) = await read_hot(unit, RULES)
    assert (before.topic, 5) == (after.topic, after.people)


async def test_a_new_process_remembers_behind_what_is_hidden(
    unit: Any, written: Written, finder: TopicFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that hold hidden cases, and cases of one moment, are no last pages: the topic has its old members still."""
    shown = [await _write(unit, written, number, bytes([number])) for number in range(3)]
    hidden = await _write(unit, written, 3, b"hidden", received_at=AT + timedelta(minutes=1))
    unit.now = AT + timedelta(minutes=2)
    await finder.look(unit)
    (before,) = await read_hot(unit, RULES)
    await unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1::uuid", hidden.case_id)
    monkeypatch.setattr(steps, "AT_ONCE", 2)
    another = TopicFinder(written, RULES)
    await _write(unit, written, 3, b"later")
    assert 1 == await another.look(unit)

    (after,) = await read_hot(unit, RULES)
    assert (before.topic, len(shown) + 1) == (after.topic, after.people)
    at = max([event.received_at for event in shown])
    pages = [await store.read_before(unit.db, at - timedelta(days=1), (at, c.case_id), 9) for c in shown]
    last = min(shown, key=lambda event: event.case_id)
    assert not {last.case_id} & {case.case_id for case in pages[shown.index(last)]}
    assert all(not case.text for page in pages for case in page if case.is_hidden)


async def test_after_a_failure_everything_is_learned_anew(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """What was not committed is no member of anything."""
    await _write(unit, written, 0, b"a")
    await finder.look(unit)
    await unit.db.execute("DELETE FROM routing.topic_case")
    finder.forget()

    assert len(OTHERS) + 1 == await finder.look(unit)


async def test_what_is_older_than_the_window_is_no_warning(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """Three people in three weeks are neighbours, not a wave."""
    for number in range(3):
        unit.now = AT + number * timedelta(days=8)
        await _write(unit, written, number, bytes([number]))
        await finder.look(unit)

    assert [] == await read_hot(unit, RULES)
    assert not _warnings(unit)


async def test_a_message_that_is_heard_late_is_read_within_the_hour(
    unit: Any, written: Written, finder: TopicFinder
) -> None:
    """After an outage of hours, or of a file of yesterday's messages."""
    await _write(unit, written, 0, b"a", received_at=AT - timedelta(hours=5))
    assert 0 == await finder.look(unit)

    unit.now = AT + timedelta(hours=2)
    assert 1 == await finder.look(unit)


async def test_the_place_is_what_two_people_name(unit: Any, written: Written, finder: TopicFinder) -> None:
    """The address of one alone may be a home."""
    for number in range(3):
        await _write(
            unit, written, number, bytes([number]), place=Place(address=f"幸福路 {min(number, 1)} 号")
        )
    await finder.look(unit)

    (found,) = await read_hot(unit, RULES)
    assert "幸福路 1 号" == found.place


async def test_a_piece_at_a_time(unit: Any, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog is read in pieces, and all of it."""
    monkeypatch.setattr(steps, "AT_ONCE", 3)
    unit.now = AT
    received = [AT - timedelta(minutes=number) for number in range(len(OTHERS))]
    events = [
        msgspec.structs.replace(registered(words), received_at=at, case_id=new_case_id())
        for words, at in zip(OTHERS, received, strict=True)
    ]
    await route(unit, events)
    finder = TopicFinder(written, RULES)

    assert [3, 3, 2, 0] == [await finder.look(unit) for _ in range(4)]


async def test_what_is_no_crowd_is_not_read(unit: Any) -> None:
    """Five hundred pairs that grow are passed over; a crowd is read until its third message from the end is too old."""
    day = timedelta(days=1)
    came = [(topic, AT - hours * day / 24) for topic in range(500) for hours in (1, 2)]
    came += [(900, AT - days * day) for days in (0, 1, 2)] + [(901, AT - days * day) for days in (0, 1, 9)]
    cases = [CaseId(f"00000000-0000-4000-8000-{number:012}") for number in range(len(came))]
    await store.keep(
        unit.db, [(case, topic, at, None) for case, (topic, at) in zip(cases, came, strict=True)]
    )
    await store.grow(unit.db, {topic: AT for topic, _ in came}, crowd=3)

    assert [900] == await store.crowded(unit.db, AT - RULES.window, 500)
    assert {900, 901} == set(await store.crowded(unit.db, AT - 10 * day, 500))
    # What the release before lets grow, and what two groups became, may be one.
    await unit.db.execute("UPDATE routing.topic SET crowded_at = NULL WHERE topic = 7")
    await store.absorb(unit.db, {901: 8})
    assert {7, 8, 900} == set(await store.crowded(unit.db, AT - RULES.window, 500))


async def test_groups_that_turn_out_to_be_one_become_one(unit: Any) -> None:
    """Their members, when the last of them came, and what was said of either."""
    later = AT + timedelta(hours=1)
    cases = [CaseId(f"00000000-0000-4000-8000-00000000000{number}") for number in range(3)]
    await store.keep(unit.db, [(case, 1 + number // 2, AT, None) for number, case in enumerate(cases)])
    await store.grow(unit.db, {1: AT, 2: later}, crowd=3)
    await store.note_warned(unit.db, {2: 3}, AT)

    await store.absorb(unit.db, {2: 1})

    assert {1} == {row["topic"] for row in await unit.db.fetch("SELECT topic FROM routing.topic_case")}
    row = await unit.db.fetchrow("SELECT last_at, warned_people FROM routing.topic WHERE topic = 1")
    assert (later, 3) == tuple(row)
