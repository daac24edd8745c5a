"""Somebody has decided, of every event, what becomes of it when an older copy of Postgres is restored."""

import json

import pytest

import handlers.subscribers
import intake.subscribers
import routing.subscribers
import sla.subscribers
from deploy.docgen import golden
from deploy.docgen.reference import restoring
from deploy.reconcile.fates import FATES, UNHEARD, EventFate, fate_of
from routing.core.rules import load_rules as routing_rules
from schemas.city import load_city
from schemas.event import EVENT_TYPES, Event, decode
from schemas.events.commands import Command, CommandAnswered
from schemas.events.handlers import CaseUpdated
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules as deadline_rules
from tests.integration.slices import NoKeys
from tests.unit.intake.messages import KEYS

_CITY = load_city()
_SUBSCRIPTIONS = (
    *intake.subscribers.subscriptions(keys=KEYS, city=_CITY),
    *routing.subscribers.subscriptions(city=_CITY, rules=routing_rules(city=_CITY)),
    *handlers.subscribers.subscriptions(city=_CITY, command_keys=NoKeys()),
    *sla.subscribers.subscriptions(rules=deadline_rules(), calendar=named_calendar("china")),
)
_HEARD = {handler.event for each in _SUBSCRIPTIONS for handler in each.handlers}


def test_every_event_has_its_fate() -> None:
    """Whoever adds an event decides whether it is brought back, follows, or is somebody's to do again."""
    undecided = {event.type for event in set(EVENT_TYPES.values()) - set(FATES)}
    assert not undecided, f"decide in deploy/reconcile/fates.py what becomes of {undecided}"
    assert set(FATES) <= set(EVENT_TYPES.values())


def test_every_command_is_brought_back() -> None:
    """Whoever adds a department's action adds nothing here."""
    assert {EventFate.AGAIN} == {FATES[each] for each in EVENT_TYPES.values() if issubclass(each, Command)}


@pytest.mark.parametrize("event", list(FATES), ids=str)
def test_whatever_does_not_follow_can_be_found(event: type[Event]) -> None:
    """Somebody hears it, and so its loss shows; or its own slice is asked."""
    if FATES[event] is not EventFate.FOLLOWS:
        assert (event in _HEARD) is not (event in UNHEARD)
    assert {CaseUpdated, CommandAnswered}.isdisjoint(_HEARD)


@pytest.mark.parametrize(
    ("name", "said", "fate"),
    [
        ("case.routed.v1", {"decided_by": "rules"}, EventFate.FOLLOWS),
        ("case.routed.v1", {"decided_by": "li"}, EventFate.AGAIN),
        ("review.decided.v1", {"kind": "dispatch"}, EventFate.FOLLOWS),
        ("review.decided.v1", {"kind": "reply"}, EventFate.LISTED),
        ("case.signed.v1", {}, EventFate.LISTED),
    ],
)
def test_a_dispatch_is_one_deed(name: str, said: dict[str, str], fate: EventFate) -> None:
    """What the rules routed they route again; that a dispatch was decided is said by the route, and not twice."""
    body = {**golden.sample(EVENT_TYPES[name]), **said}
    event = decode(EVENT_TYPES[name], json.dumps(body).encode())

    assert fate is fate_of(event)


def test_the_page_names_every_event() -> None:
    """With its fate, and what it tells of."""
    page = restoring()

    assert all(f"| `{each.type}` | {fate.value} |" in page for each, fate in FATES.items())
