"""What Kafka was told of cases lately: finds a log whose last rows were cut off.

Whoever owns the database and has an old copy of a case's row can cut its log back to that before an anchor knows the end.
But the relay told of it within a moment, signed; what is on Kafka nobody takes back with SQL.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.messaging.records.envelope import Undecodable, receive
from deploy.messaging.records.signature import EventKeys, event_keys
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.settings import Settings
from schemas.event import Event
from schemas.ids import CaseId
from schemas.topics import HANDLERS, topic_name

#: How far back is looked (project choice: whoever verifies each night may miss one; a large city says 200,000 things in it).
LOOKED_BACK: Final = timedelta(days=2)


async def versions_said(settings: Settings, since: datetime) -> Mapping[CaseId, int]:
    """The last version of each case of which handlers told then or later, as Kafka has it; none where there is no topic.

    What none of our slices signed is passed over.

    Raises:
        KafkaAccessDenied, KafkaError: it cannot be asked.
    """
    keys, topic = event_keys(settings), topic_name(HANDLERS, settings.topic_prefix)
    found: dict[CaseId, int] = {}
    try:
        async for page in topic_pages(settings, topic, written_since=since):
            for event in filter(None, (_said(record, keys) for record in page)):
                if event.at >= since:
                    found[event.case_id] = max(event.version, found.get(event.case_id, 0))
    except UnknownTopicOrPartitionError:
        return {}
    return found


def _said(record: Any, keys: EventKeys) -> Event | None:
    if not keys.have_signed(record):
        return None
    try:
        return receive(record).event
    except Undecodable:
        return None
