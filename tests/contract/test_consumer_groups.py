"""Names that lie in Kafka and Postgres from one release to the next: a new name would begin everything again."""

import handlers.subscribers
import intake.subscribers
import routing.subscribers
import sla.subscribers
from deploy.accounts.command_keys import TokenKeys
from deploy.composition import consumer_groups
from routing.core.rules import load_rules
from schemas.city import load_city
from schemas.ports import Subscription
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules as load_deadline_rules
from tests.unit.intake.messages import KEYS

#: Offsets are committed, and the inbox is kept, under these names.
NAMES = ["handlers", "handlers.commands", "intake", "intake.follow", "routing", "routing.reviews", "sla"]


def _heard() -> tuple[Subscription, ...]:
    """Everything that the slices subscribe to."""
    city = load_city()
    calendar = named_calendar(load_deadline_rules(None, city).calendar)
    return (
        *handlers.subscribers.subscriptions(city=city, command_keys=TokenKeys()),
        *intake.subscribers.subscriptions(keys=KEYS, city=city),
        *routing.subscribers.subscriptions(city=city, rules=load_rules()),
        *sla.subscribers.subscriptions(rules=load_deadline_rules(None, city), calendar=calendar),
    )


def test_consumer_groups_keep_their_names() -> None:
    """A group that is called otherwise reads its topics from the start, and its inbox knows nothing of them."""
    assert NAMES == sorted(subscription.name for subscription in _heard())


def test_who_asks_how_far_groups_are_knows_each() -> None:
    """By the same names and topics, without what their steps need."""
    asked = {group.name: tuple(group.topics) for group in consumer_groups()}

    assert {each.name: tuple(each.topics) for each in _heard()} == asked


def test_whatever_is_heard_is_said_where_one_listens() -> None:
    """An event whose topic its group does not read would never come, and nothing would say so."""
    deaf = [
        (subscription.name, event.type)
        for subscription in _heard()
        for event in subscription.table
        if event.producer not in subscription.topics
    ]

    assert deaf == [], "add the producer's topic to the group's `topics`"
