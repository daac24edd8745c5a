"""That a broker whose clock is far behind the database's refuses records for their time: only who sends them hears of it.

One memory for a process: whichever of its producers was refused, nothing of it goes there.
"""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.errors import InvalidTimestampError

from schemas.bilingual import Bilingual, plain

#: How long a refusal counts that no other has followed (project choice: a web that is taken out for it hears of no other,
#: and comes back to try again; the relay, which tries every second, keeps it in mind).
REMEMBERED_SECONDS: Final = 30.0
#: What probes and doctor say of it.
SENTENCE: Final = Bilingual(
    zh="Kafka 节点因时间不符拒收所有记录（InvalidTimestampError）：其时钟比数据库慢一小时以上",
    en="a broker refuses every record for its time (InvalidTimestampError): "
    "its clock is more than an hour behind the database's, by which all go",
)
REMEDY: Final = Bilingual(
    zh="请校准 Kafka 节点的时钟（NTP）；发件箱中等待的事件随后自动发出",
    en="set the brokers' clocks (NTP); what waits in the outbox then goes by itself",
)


@dataclass(slots=True)
class _Refusal:
    """When the last one came, by `time.monotonic`."""

    at: float = -math.inf


_last = _Refusal()


def reason() -> Bilingual | None:
    """`SENTENCE` while a refusal counts; None otherwise."""
    return SENTENCE if time.monotonic() - _last.at < REMEMBERED_SECONDS else None


def watched(sent: "asyncio.Future[Any]") -> "asyncio.Future[Any]":
    """The same future; should the broker refuse that record for its time, it is remembered."""
    sent.add_done_callback(_note_refusal)
    return sent


def said_of(error: BaseException) -> Bilingual:
    """`SENTENCE` where the error is such a refusal; of any other its type."""
    return SENTENCE if isinstance(error, InvalidTimestampError) else plain(type(error).__name__)


def _note_refusal(sent: "asyncio.Future[Any]") -> None:
    if not sent.cancelled() and isinstance(sent.exception(), InvalidTimestampError):
        _last.at = time.monotonic()
