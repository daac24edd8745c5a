"""Dead letters: records that cannot pass, kept whole on their own topic with the reason; and bringing them back.

Those of submissions, which hold what citizens wrote, are sealed (`dead_letter_seal.py`).
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from deploy import clock
from deploy.messaging.client.client import gather_confirmed, open_admin
from deploy.messaging.dead.dead_letter_seal import Content, LetterSeal, letter_seal
from deploy.messaging.records.envelope import FORGOTTEN
from deploy.messaging.records.signature import KEY_ID, SIGNATURE, EventKeys
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.settings import Settings
from schemas.events.intake import SubmissionAccepted
from schemas.topics import DEAD_LETTERS, SUBMISSIONS, topic_name

_PREFIX = "dlq_"
_SEALED = _PREFIX + "sealed"
_ID = "ce_id"
#: What is kept of a record; with our headers it must fit what the topic takes (`deploy/messaging/client/client.py`; project
#: choice: three quarters of that).
MAX_KEPT_BYTES = 3 * 1024 * 1024
#: What is kept of the key and of the value of a larger one, which some clusters let through (project choice:
#: both and the headers fit well into one record, and it is seen what it was).
_CUT_BYTES = 512 * 1024
#: Headers of a sealed one that stay beside it: ours, which name nobody. They and the key, the case's id, are short (project
#: choice: twice the longest of ours); what is longer is something else.
_NAMES_NOBODY = frozenset(
    {
        _ID,
        "ce_type",
        "ce_source",
        "ce_time",
        "ce_specversion",
        "content-type",
        "traceparent",
        KEY_ID,
        SIGNATURE,
    }
)
# Longer than any id, type or moment of an envelope (project choice).
_SHORT_BYTES = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record as it came, the consumer that could not handle it, and why."""

    record: Any
    stage: str
    reason: str
    #: How often this consumer tried the record before it gave up: with its batch, with halves of it, alone, and each time
    #: that something transient was in the way.
    attempts: int = 1
    #: Whether it counts against the limit that stops a consumer; an outsider's own fault does not.
    is_ours: bool = True

    @property
    def size(self) -> int:
        """Bytes of the record's key, value and headers together."""
        record = self.record
        headers = sum(len(name.encode()) + len(value or b"") for name, value in record.headers)
        return len(record.key or b"") + len(record.value or b"") + headers

    def content(self, seal: LetterSeal | None = None) -> dict[str, Any]:
        """What is sent: all of it, or the beginning of what is larger than the topic takes. `seal`: sealed with it."""
        whole, facts = self._kept()
        if seal is None:
            return {"key": whole.key, "value": _value_of(whole), "headers": [*whole.headers, *facts]}
        where = _where(self.record.topic, self.record.partition, self.record.offset)
        beside = [one for one in whole.headers if one[0] in _NAMES_NOBODY and _is_short(one[1])]
        return {
            "key": whole.key if _is_short(whole.key) else None,
            "value": seal.seal(whole, where),
            "headers": [*beside, *facts, (_SEALED, b"aes-256-gcm")],
        }

    def _kept(self) -> tuple[Content, list[tuple[str, bytes | None]]]:
        """The original content, byte for byte, and our headers."""
        record, facts = self.record, self._facts()
        if self.size <= MAX_KEPT_BYTES:
            original = [(name, value) for name, value in record.headers if not name.startswith(_PREFIX)]
            return Content(record.key, record.value, original), facts
        key, value = ((part or b"")[:_CUT_BYTES] for part in (record.key, record.value))
        return Content(key, value, []), [(_PREFIX + "cut_from", str(self.size).encode()), *facts]

    def _facts(self) -> list[tuple[str, bytes | None]]:
        record = self.record
        facts = {
            "reason": self.reason,
            "stage": self.stage,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "attempts": self.attempts,
            "first_failed_at": clock.now().isoformat(),
            "app_version": version("huiyin"),
        }
        return [(_PREFIX + name, str(fact).encode()) for name, fact in facts.items()]


class DeadLetters:
    """Where consumers put what they cannot handle; `seal` is for what comes from the topic of submissions."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str, seal: LetterSeal) -> None:
        self._producer = producer
        self._topic = topic_name(DEAD_LETTERS, prefix)
        self._seal = seal
        self._personal = topic_name(SUBMISSIONS, prefix)

    async def store(self, letters: Sequence[DeadLetter]) -> None:
        """Return once Kafka has them all.

        Raises:
            KafkaError: it has not; the batch's offsets must not be committed.
        """
        futures = [await self._producer.send(self._topic, **self._content(letter)) for letter in letters]
        await gather_confirmed(futures)

    def _content(self, letter: DeadLetter) -> dict[str, Any]:
        return letter.content(self._seal if letter.record.topic == self._personal else None)


def _value_of(content: Content) -> bytes | None:
    """The value as it came; the client sends no record that lacks both key and value: such a one gets an empty value."""
    return b"" if content.key is None and content.value is None else content.value


def _is_short(part: bytes | None) -> bool:
    return len(part or b"") <= _SHORT_BYTES


def _where(topic: str, partition: int | str, offset: int | str) -> str:
    return f"{topic} {partition}/{offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLetter:
    """A dead letter as it lies on the topic."""

    record: Any
    seal: LetterSeal

    @property
    def id(self) -> str:
        """`PARTITION-OFFSET` on the dead letters' topic."""
        return f"{self.record.partition}-{self.record.offset}"

    def fact(self, name: str) -> str:
        """One of our headers, as text."""
        for header, value in self.record.headers:
            if header == _PREFIX + name:
                return str(value.decode(errors="replace"))
        return ""

    def original(self) -> Content:
        """The record as it first came, with its event id among the headers, so that a replay is handled once.

        Raises:
            LetterSealed: it is sealed, and not with one of these keys.
        """
        if self.fact("sealed"):
            where = _where(self.fact("topic"), self.fact("partition"), self.fact("offset"))
            return self.seal.unseal(self.record.value or b"", where)
        headers = [(name, value) for name, value in self.record.headers if not name.startswith(_PREFIX)]
        return Content(self.record.key, self.record.value, headers)

    def original_headers(self) -> list[tuple[str, bytes | None]]:
        """The headers it first came with.

        Raises:
            LetterSealed: as `original`.
        """
        return self.original().headers

    def is_signed_by(self, keys: EventKeys) -> bool:
        """Whether one of these keys signed the record as it came.

        Raises:
            LetterSealed: as `original`.
        """
        whole = self.original()
        return keys.have_signed(
            SimpleNamespace(topic=self.fact("topic"), key=whole.key, value=whole.value), dict(whole.headers)
        )

    def matches(self, *, reason: str | None, topic: str | None, ids: Sequence[str]) -> bool:
        """Whether the filters pick it."""
        return (
            (reason is None or self.fact("reason").startswith(reason))
            and (topic is None or self.fact("topic") == topic)
            and (not ids or self.id in ids)
        )


async def stored_letters(settings: Settings) -> AsyncGenerator[StoredLetter, None]:
    """Every dead letter on the topic that was not dropped, oldest first per partition; ends at the present end."""
    seal = letter_seal(settings)
    async with aclosing(topic_pages(settings, topic_name(DEAD_LETTERS, settings.topic_prefix))) as pages:
        async for page in pages:
            for record in page:
                yield StoredLetter(record=record, seal=seal)


async def replay(producer: AIOKafkaProducer, letter: StoredLetter, vouching: EventKeys | None = None) -> None:
    """Send it once more to the topic it came from, with its own key, value, headers and event id.

    Its signature is its own, too; `vouching`: these keys sign it anew, whoever wrote it. So vouched for, a citizen's message
    whose id was older than inboxes remember gets a new one: its case is registered once, by its own id.

    Raises:
        LetterSealed: as `StoredLetter.original`.
    """
    topic, whole = letter.fact("topic"), letter.original()
    value, headers = _value_of(whole), whole.headers
    if vouching is not None:
        bare = [(name, text) for name, text in headers if name not in (KEY_ID, SIGNATURE)]
        if (
            letter.fact("reason") == FORGOTTEN
            and dict(bare).get("ce_type") == SubmissionAccepted.type.encode()
        ):
            bare = [one for one in bare if one[0] != _ID] + [(_ID, clock.new_event_id().encode())]
        headers = [*vouching.signed(topic, whole.key, value, bare)]
    await producer.send_and_wait(topic, key=whole.key, value=value, headers=headers)


async def delete_up_to(settings: Settings, partition: int, offset: int) -> None:
    """Delete the letter at `offset` and all before it in its partition.

    Raises:
        KafkaError: the broker refused.
    """
    topic = TopicPartition(topic_name(DEAD_LETTERS, settings.topic_prefix), partition)
    async with open_admin(settings) as admin:
        await admin.delete_records({topic: RecordsToDelete(before_offset=offset + 1)})
