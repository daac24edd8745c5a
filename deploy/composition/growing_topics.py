"""Topics that grow (苗头; none of Kafka's): routing finds them, intake knows who wrote, and supervisors read them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

import intake.store.register
from deploy.clock import now
from deploy.settings import Settings
from routing.core.topics.heat import TopicRules
from schemas.ids import CaseId
from schemas.masking import for_public
from schemas.ports import Database, Unit
from schemas.values import GrowingTopic, TopicSample

if TYPE_CHECKING:
    from routing.steps.topics import TopicFinder

log = structlog.get_logger()


def topic_rules(settings: Settings) -> TopicRules:
    """From when on a topic is an early warning in this city."""
    return TopicRules(least_people=settings.topics_least_people, window=timedelta(days=settings.topics_days))


def topic_finder(settings: Settings) -> "TopicFinder":
    """Who looks for topics in this process."""
    from routing.steps.topics import TopicFinder  # here: numpy takes a tenth of a second to load

    return TopicFinder(SealedAuthors(), topic_rules(settings))


class SealedAuthors:
    """Who wrote, as intake keeps it: see `schemas.ports.Authors`."""

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, bytes]:
        """The keyed hashes of who wrote these cases, found by the primary key."""
        return await intake.store.register.authors_of(unit.db, case_ids)


class RoutedTopics:
    """The topics that routing found: see `schemas.ports.GrowingTopics`."""

    def __init__(self, rules: TopicRules) -> None:
        self._rules = rules

    async def look(self, db: Database) -> Sequence[GrowingTopic]:
        """The same without a unit and without samples, for the stream; why they cannot be read stands in the log."""
        from routing.steps.topics import hot_at  # here: as above

        try:
            hot = await hot_at(db, now(), self._rules)
        except Exception as error:
            log.warning("topics.unread", error=type(error).__name__)
            raise
        return [replace(topic, samples=()) for topic in hot]

    async def hot(self, unit: Unit) -> Sequence[GrowingTopic]:
        """The topics that grow, as they stand now."""
        from routing.steps.topics import read_hot  # here: as above

        topics = await read_hot(unit, self._rules)
        return [replace(topic, samples=tuple(map(_for_watchers, topic.samples))) for topic in topics]


def _for_watchers(sample: TopicSample) -> TopicSample:
    """Supervisors go nowhere: they need no home."""
    return replace(sample, title=for_public(sample.title))
