"""The names of the slices' consumer groups on Kafka; needs no Kafka client."""

from collections.abc import Sequence

from deploy.settings import Settings
from schemas.ports import Subscription
from schemas.topics import topic_name


def group_id(subscription: Subscription, settings: Settings) -> str:
    """The consumer group's name on the broker."""
    return f"{settings.topic_prefix}.{subscription.name}"


def topic_names(subscription: Subscription, settings: Settings) -> Sequence[str]:
    """The topics' names on the broker."""
    return [topic_name(short, settings.topic_prefix) for short in subscription.topics]
