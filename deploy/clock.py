"""The present moment, waiting, and fresh ids: the only place that reads the clock for the slices.

All machines go by one clock, the database's: whoever connects to it hears what time it is there, and counts on from
then by how long this machine has been up since. Setting this machine's own clock, rightly or wrongly, changes nothing.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from uuid_utils import uuid7

from schemas.ids import EventId

#: What a machine's count of seconds may be wrong by, per second (project choice: ten times what quartz does).
_DRIFT = 0.0001
#: Linux counts on in it while the machine sleeps.
_COUNTED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def own_now() -> datetime:
    """What this machine's own clock says; for comparing, never for deciding."""
    return datetime.now(UTC)


#: Seconds since some moment of the past; nobody can set them.
counted = partial(time.clock_gettime, _COUNTED)


@dataclass(slots=True)
class _DatabaseTime:
    """What the database said last, and how exactly that is known."""

    moment: datetime | None = None
    counted_at: float = 0.0
    #: What it was in seconds since 1970 as this machine began to count; None as long as none was heard.
    counts_from: float | None = None
    doubt: float = 0.0


_heard = _DatabaseTime()


def now() -> datetime:
    """The present moment by the database's clock, aware, UTC; by this machine's own as long as none was heard."""
    if _heard.moment is None:
        return own_now()
    return _heard.moment + timedelta(seconds=counted() - _heard.counted_at)


def now_ms() -> int:
    """The same in milliseconds since 1970, as Kafka stamps records."""
    return int(now().timestamp() * 1000)


def note_database_time(moment: datetime, *, asked_at: float) -> None:
    """The database answered `moment` to who asked at `asked_at`, as `counted` counts.

    A quick answer is exact; a slow one is believed only where the quick one must be wrong by now.
    """
    answered_at = counted()
    doubt = (answered_at - asked_at) / 2
    middle = moment + timedelta(seconds=doubt)
    apart = abs((middle - now()).total_seconds())
    known = _heard.doubt + (counted() - _heard.counted_at) * _DRIFT
    if _heard.moment is None or doubt <= known or apart > doubt + known:
        _heard.moment, _heard.counted_at, _heard.doubt = middle, answered_at, doubt
        _heard.counts_from = middle.timestamp() - answered_at


def ahead_seconds() -> float:
    """By how much this machine's own clock is ahead of the database's; 0 as long as that was not heard."""
    return 0.0 if _heard.moment is None else (own_now() - now()).total_seconds()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when `event` is set, or after so many seconds at most; neither is an error."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def new_event_id() -> EventId:
    """A UUIDv7: ids made later sort later, so that the inbox's index grows at its end (RFC 9562 §5.7).

    It holds the moment by the database's clock, to the minute: an event whose id is older than inboxes remember is refused.
    """
    made = str(uuid7())
    if _heard.counts_from is None:
        return EventId(made)
    minutes_ahead = round((time.time() - _heard.counts_from - counted()) / 60)
    return EventId(_made_earlier(made, minutes_ahead) if minutes_ahead else made)


def _made_earlier(made: str, minutes: int) -> str:
    """The same id with its milliseconds, the first twelve digits, set back: this machine's own clock is ahead, or behind."""
    digits = f"{int(made[:8] + made[9:13], 16) - minutes * 60_000:012x}"
    return f"{digits[:8]}-{digits[8:]}{made[13:]}"
