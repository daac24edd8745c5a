"""Which consumer groups hear an event, read from the slices' `subscribers.py`."""

from collections.abc import Mapping, Sequence
from functools import cache

import handlers.subscribers
import intake.subscribers
import routing.subscribers
import sla.subscribers
from deploy import composition
from deploy.accounts.command_keys import TokenKeys
from deploy.docgen.reference import EXAMPLE
from routing.core.rules import load_rules
from schemas.city import load_city
from schemas.ports import Subscription
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules as load_deadline_rules


@cache
def groups_by_event() -> Mapping[str, Sequence[str]]:
    """The groups that hear each event type, by its name; one that no slice hears is not there."""
    groups: dict[str, list[str]] = {}
    for subscription in sorted(_subscriptions(), key=lambda each: each.name):
        for event in subscription.table:
            groups.setdefault(event.type, []).append(subscription.name)
    return groups


def _subscriptions() -> Sequence[Subscription]:
    """Everything that the example city's slices hear; the secret is nobody's, since nothing is opened with it."""
    city, keys = load_city(), composition.intake_keys(EXAMPLE)
    rules = load_deadline_rules(None, city)
    return (
        *handlers.subscribers.subscriptions(city=city, command_keys=TokenKeys()),
        *intake.subscribers.subscriptions(keys=keys, city=city),
        *routing.subscribers.subscriptions(city=city, rules=load_rules()),
        *sla.subscribers.subscriptions(rules=rules, calendar=named_calendar(rules.calendar)),
    )
