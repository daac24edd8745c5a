"""That a broker whose clock is far behind the database's refuses records for their time: only who sends them hears of it.

One memory for a process: whichever of its producers was refused, nothing of it goes there.
"""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.errors import InvalidTimestampError

#: How long a refusal counts that no other has followed (project choice: a web that is taken out for it hears of no other,
#: and comes back to try again; the relay, which tries every second, keeps it in mind).
REMEMBERED_SECONDS: Final = 30.0
#: What probes and doctor say of it.
SENTENCE: Final = (
    "a broker refuses every record for its time (InvalidTimestampError): "
    "its clock is more than an hour behind the database's, by which all go"
)
REMEDY: Final = "set the brokers' clocks (NTP); what waits in the outbox then goes by itself"


@dataclass(slots=True)
class _Refusal:
    """When the last one came, by `time.monotonic`."""

    at: float = -math.inf


_last = _Refusal()


def reason() -> str:
    """`SENTENCE` while a refusal counts; empty otherwise."""
    return SENTENCE if time.monotonic() - _last.at < REMEMBERED_SECONDS else ""


def heeded(sent: "asyncio.Future[Any]") -> "asyncio.Future[Any]":
    """The same future; should the broker refuse that record for its time, it is remembered."""
    sent.add_done_callback(_heed)
    return sent


def said_of(error: BaseException) -> str:
    """`SENTENCE` where the error is such a refusal; of any other its type."""
    return SENTENCE if isinstance(error, InvalidTimestampError) else type(error).__name__


def _heed(sent: "asyncio.Future[Any]") -> None:
    if not sent.cancelled() and isinstance(sent.exception(), InvalidTimestampError):
        _last.at = time.monotonic()
