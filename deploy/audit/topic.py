"""Anchors on Kafka: `huiyin.audit.v1` keeps each for ever, first its entries in pieces, then its line.

Both records' key is the digest of the line; pieces have a header `part`. A piece that comes after its line counts for
nothing, and neither does a line that comes again.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.audit.anchors import AnchorFiles, digest, readable
from deploy.messaging.client.client import gather_confirmed, open_producer
from deploy.messaging.topics.access import KafkaAccessDenied
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.settings import Settings
from schemas.errors import Unusable
from schemas.topics import AUDIT, topic_name

#: Entries of one record (project choice: below the megabyte that brokers take by default).
_PART_BYTES = 36 * 20_000
_PART = "part"


class TopicAnchor(msgspec.Struct, frozen=True, kw_only=True):
    """A line as Kafka has it. `entries`: None where they are not as the line says; empty where nobody asked for them."""

    line: bytes
    entries: bytes | None


class Assembler:
    """Puts records together to anchors; `wants`: whose entries are kept."""

    def __init__(self, wants: Callable[[bytes], bool]) -> None:
        self._wants = wants
        self._parts: dict[bytes, dict[int, bytes]] = {}
        self._seen: set[bytes] = set()

    def add(self, record: Any) -> TopicAnchor | None:
        """The anchor that this record makes whole."""
        key, value = record.key or b"", record.value or b""
        number = dict(record.headers).get(_PART)
        if number is not None:
            if key not in self._seen:
                self._parts.setdefault(key, {})[int(number) if number.isdigit() else -1] = value
            return None
        if value in self._seen:
            return None
        parts = self._parts.pop(key, {})
        self._seen |= {key, value}
        return self._whole(value, b"".join(parts[each] for each in sorted(parts)))

    def _whole(self, line: bytes, entries: bytes) -> TopicAnchor:
        anchor = readable(line)
        if anchor is None or digest(entries) != anchor.entries:
            return TopicAnchor(line=line, entries=None)
        return TopicAnchor(line=line, entries=entries if self._wants(line) else b"")


async def read_topic(settings: Settings, known: Collection[bytes]) -> Sequence[TopicAnchor]:
    """Every anchor on the topic, with the entries of those whose lines are not known; none where there is no topic.

    Raises:
        KafkaAccessDenied, KafkaError: it cannot be asked.
    """
    _ensure_named(settings)
    assembler, found = Assembler(lambda line: line not in known), list[TopicAnchor]()
    try:
        async for page in topic_pages(settings, topic_name(AUDIT, settings.topic_prefix)):
            found += [anchor for record in page if (anchor := assembler.add(record)) is not None]
    except UnknownTopicOrPartitionError:
        return ()
    return found


def _ensure_named(settings: Settings) -> None:
    """A process that never spoke to Kafka before may not know of one."""
    if not settings.kafka_bootstrap_servers:
        raise KafkaAccessDenied(
            "Kafka",
            Unusable(zh="未被询问：没有指明服务器", en="was not asked: no server is named"),
            Unusable(zh="设置 KAFKA_BOOTSTRAP_SERVERS", en="set KAFKA_BOOTSTRAP_SERVERS"),
        )


class AnchorTopic:
    """Brings the anchors of the files to the topic, each once."""

    def __init__(self, settings: Settings, keys: Sequence[bytes]) -> None:
        self._settings, self._keys = settings, keys
        self.name = topic_name(AUDIT, settings.topic_prefix)
        self._sent: set[str] = set()
        #: The offset of the last record that was read.
        self._last = 0

    async def send(self, files: AnchorFiles) -> int:
        """Send what is not there yet; returns how many anchors that were. One whose files were changed stays away.

        Raises:
            BlockingIOError: another process sends from the folder.
            KafkaAccessDenied, KafkaError: the rest is for the next turn.
        """
        _ensure_named(self._settings)
        with files.sending():
            await self._catch_up()
            # A year of lines takes a quarter of a second, which nothing else waits for.
            missing = await asyncio.to_thread(self._missing, files)
            if not missing:
                return 0
            async with open_producer(self._settings) as producer:
                return sum([await self._send(producer, files, line) for line in missing])

    def _missing(self, files: AnchorFiles) -> Sequence[bytes]:
        return [line for line in files.lines() if digest(line) not in self._sent]

    async def _catch_up(self) -> None:
        """Read what was added. The last known record is read again: where it is gone, so is the topic."""
        if not await self._read(self._last):
            self._sent, self._last = set(), 0
            await self._read(0)

    async def _read(self, since: int) -> bool:
        is_there = False
        async for page in topic_pages(self._settings, self.name, since=since):
            self._remember(page)
            is_there = is_there or bool(page)
        return is_there

    def _remember(self, page: Iterable[Any]) -> None:
        for record in page:
            self._last = record.offset
            if _PART not in dict(record.headers):
                self._sent.add(digest(record.value or b""))

    async def _send(self, producer: AIOKafkaProducer, files: AnchorFiles, line: bytes) -> bool:
        anchor = readable(line)
        if anchor is None or not anchor.is_sealed_by(self._keys):
            return False
        entries, key = files.entries_of(anchor), digest(line).encode()
        if digest(entries) != anchor.entries:
            return False
        parts = [entries[start : start + _PART_BYTES] for start in range(0, len(entries), _PART_BYTES)]
        sent = [
            await producer.send(self.name, part, key=key, headers=[(_PART, str(number).encode())])
            for number, part in enumerate(parts)
        ]
        # After its entries: a line alone would be one whose entries were changed.
        await gather_confirmed(sent)
        await producer.send_and_wait(self.name, line, key=key)
        return True
