"""A Kafka in memory, for whoever publishes; `tests/contract` asks of it what the real one promises."""

from typing import Any

from schemas.errors import Unavailable
from schemas.event import Event


class KafkaInMemory:
    """Keeps what was published, and can be away."""

    def __init__(self, *, room: int | None = None) -> None:
        #: Events, in the order in which they came.
        self.events: list[Any] = []
        self.is_away = False
        self._room = room

    async def publish(self, event: Event) -> None:
        """Keep it.

        Raises:
            Unavailable: it is away, or has as many as there is room for.
        """
        if self.is_away or len(self.events) == self._room:
            raise Unavailable("kafka")
        self.events.append(event)
