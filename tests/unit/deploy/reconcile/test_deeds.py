"""Which records are somebody's deed, whom they would still reach, and what was undone since."""

import json
from dataclasses import replace

import pytest
from aiokafka import TopicPartition
from msgspec import structs

from deploy.docgen import golden
from deploy.messaging.records.signature import EventKeys, Genuine
from deploy.reconcile.bringing_back import (
    _is_undone,
    _is_undone_move,
    _moves_undone,
    _turns,
    _undone_at,
    without_hope,
)
from deploy.reconcile.deeds import LostDeed, _deed, _is_passed, _once
from deploy.reconcile.fates import FATES, EventFate
from schemas.event import Event, decode
from schemas.events.commands import Command, SignCase
from schemas.events.intake import PublicationDecided
from schemas.events.routing import CaseAnswered, CaseRouted, DecisionUndone, ReviewDecided
from schemas.events.undone import UndoRequested
from schemas.ids import EventId
from tests.unit.deploy.records import Record, record_of

_KEYS = EventKeys(b"a key of the tests")
_GENUINE = Genuine(_KEYS, {})


def _event(kind: type[Event], /, **said: object) -> Event:
    return decode(kind, json.dumps({**golden.sample(kind), **said}).encode())


def _signed(event: Event) -> Record:
    record = record_of(event)
    return replace(record, headers=_KEYS.signed(record.topic, record.key, record.value, record.headers))


@pytest.mark.parametrize("kind", list(FATES), ids=str)
def test_a_record_is_a_deed_unless_it_follows(kind: type[Event]) -> None:
    """As its fate says; what none of our slices signed is none, but for commands, which departments sign."""
    said = {"decided_by": "li"} if kind is CaseRouted else {"kind": "reply"} if kind is ReviewDecided else {}
    event = _event(kind, **said)
    found = _deed(_signed(event), _GENUINE)

    assert (found is None) is (FATES[kind] is EventFate.FOLLOWS)
    assert found is None or (event, FATES[kind]) == (found.event, found.fate)
    assert (_deed(record_of(event), _GENUINE) is not None) is issubclass(kind, Command)


@pytest.mark.parametrize("broken", [b"{}", b"\xff", b"[]"])
def test_what_nobody_could_read_is_no_deed(broken: bytes) -> None:
    """It is a dead letter already."""
    assert _deed(replace(_signed(_event(CaseAnswered)), value=broken), _GENUINE) is None


def test_a_deed_is_lost_once_everybody_is_behind_it() -> None:
    """Whom it still reaches it needs nobody to bring."""
    deed = _deed(_signed(_event(CaseAnswered)), _GENUINE)
    assert deed is not None
    place = TopicPartition(deed.record.topic, deed.record.partition)
    hearers: dict[type[Event], list[str]] = {CaseAnswered: ["sla", "intake.follow"]}
    behind, before = ({place: deed.record.offset + ahead} for ahead in (1, 0))

    assert _is_passed(deed, hearers, {"sla": behind, "intake.follow": behind})
    assert not _is_passed(deed, hearers, {"sla": behind, "intake.follow": before})
    assert not _is_passed(deed, hearers, {"sla": behind, "intake.follow": {}})


def test_what_kafka_has_twice_is_one_deed() -> None:
    """The relay sends again what Kafka did not confirm: the second would be named as gone once the first is brought back."""
    first = _lost(_event(CaseAnswered))
    again = structs.replace(first, record=replace(first.record, offset=first.record.offset + 1))
    other = structs.replace(again, event_id=EventId("0198b2c4-0000-7000-8000-00000000000f"))

    assert [first, other] == _once([first, again, other])


def test_what_was_undone_since_is_not_brought_back() -> None:
    """A direct answer that its dispatcher took back; one that came after that is."""
    undone = _undone_at([_lost(_event(DecisionUndone, version=5)), _lost(_event(CaseAnswered, version=3))])

    assert _is_undone(_event(CaseAnswered, version=3), undone)
    assert not _is_undone(_event(CaseAnswered, version=6), undone)
    assert not _is_undone(_event(SignCase, version=3), undone)


def test_who_took_a_yes_back_is_heard_first_and_a_yes_last() -> None:
    """Otherwise everybody could read for a while what nobody may."""
    said = [_lost(_event(PublicationDecided, allowed=allowed)) for allowed in (True, False, True)]
    answered = _lost(_event(CaseAnswered))

    assert ([said[1], answered], [said[0], said[2]]) == _turns([answered, *said])


def test_a_move_that_was_undone_is_not_brought_back() -> None:
    """The dispatch before it is, and so is what was decided beside it."""
    of_a_move = _lost(_event(UndoRequested, version=6, review=None))
    moves = _moves_undone([of_a_move, _lost(_event(UndoRequested, version=9, review="extension"))])

    assert _is_undone_move(_event(CaseRouted, version=5), moves)
    assert not _is_undone_move(_event(CaseRouted, version=3), moves)
    assert not _is_undone_move(_event(CaseRouted, version=8), moves)
    assert not _is_undone_move(_event(ReviewDecided, version=5), moves)


def test_a_dry_run_promises_nothing_that_the_run_will_not_even_try() -> None:
    """What was undone since, and what was tried in vain, it lists as the run does; for all else there is hope."""
    answered, later = (_lost(_event(CaseAnswered, version=version)) for version in (3, 6))
    moved = _lost(_event(CaseRouted, version=8, decided_by="li"))
    tried = structs.replace(_lost(_event(SignCase)), is_tried=True)
    undone = [_lost(_event(DecisionUndone, version=5)), _lost(_event(UndoRequested, version=9, review=None))]

    assert [answered, moved, tried] == without_hope([answered, later, moved, tried, *undone])


def _lost(event: Event) -> LostDeed:
    found = _deed(_signed(event), _GENUINE)
    assert found is not None
    return found
