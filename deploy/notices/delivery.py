"""Delivery: takes what is due, words it, sends it, and writes down what became of it, recipient by recipient.

A sender that dies after the receiver took a notice, and before that is written down, sends it again when its lease has run
out, under the same id: what is shown as sent was sent, and a receiver can tell the second from the first. So is a letter
that was handed in whole without an answer, once: then a person decides.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from deploy import clock
from deploy.database.pool import TRANSIENT, Pool
from deploy.mail.sending import LONGEST_SECONDS, PerhapsTaken
from deploy.notices import endpoints, store, testing
from deploy.notices.carriers import Carrier, Gone, NotNow, RefusedForGood
from deploy.notices.staff import together
from deploy.observability import metrics
from schemas.notices import (
    Audience,
    KeptNotice,
    Message,
    NoticeChannel,
    NoticeState,
    NotSent,
    Occasion,
    masked_address,
)
from schemas.ports import Unit

log = structlog.get_logger()

#: Project choices. Notices of one turn; how many of them at once; and after how long somebody else may take those that were
#: not settled: more than the slowest carrier takes to one end or the other. What is not begun while that holds is left.
AT_ONCE = 40
_SIDE_BY_SIDE = 8
LEASE = timedelta(minutes=15)
_BEGIN_WITHIN = LEASE - timedelta(seconds=LONGEST_SECONDS + 60)
#: First and longest pause between two tries, each twice the one before; and for how long it is tried (project choice, as
#: long as a mail server does: RFC 5321 §4.5.4.1 says 4 to 5 days).
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
TRIED_FOR = timedelta(days=4)
#: More letters than that to one office at once are one (project choice).
TOGETHER_ABOVE = 5

#: So long nobody waits behind another: it may be that one alone which its receiver cannot take (project choice).
_LONGEST_BEHIND = timedelta(minutes=10)

#: What goes out as one.
_Parcel = Sequence[KeptNotice]
#: Words a notice for its recipient, or says why it is not sent.
Composer = Callable[[Unit, KeptNotice], Awaitable[Message | NotSent]]
OpenUnit = Callable[[], AbstractAsyncContextManager[Unit]]


def pause_after(attempts: int) -> timedelta:
    """How long nobody tries again after so many tries in vain."""
    doubled = _FIRST_PAUSE * (1 << min(attempts - 1, 20))
    return min(doubled, _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is needed to send notices."""

    pool: Pool
    open_unit: OpenUnit
    composers: Mapping[Audience, Composer]
    carriers: Mapping[NoticeChannel, Carrier]
    now: Callable[[], datetime] = clock.now

    async def turn(self, channel: NoticeChannel | None = None) -> int:
        """Send what is due by that channel, or by any: a portion of it; how many notices that were."""
        channels = list(self.carriers) if channel is None else [channel]
        async with self.pool.acquire() as db:
            taken = await store.take(db, channels, self.now(), lease=LEASE, limit=AT_ONCE)
        side_by_side = asyncio.Semaphore(_SIDE_BY_SIDE)
        begin_by = time.monotonic() + _BEGIN_WITHIN.total_seconds()
        # Each to its end: what goes out is written down whatever happens beside it.
        ends = await asyncio.gather(
            *(
                self._deliver_there(parcels, side_by_side, begin_by)
                for parcels in _by_receiver(_parcels(taken))
            ),
            return_exceptions=True,
        )
        for end in filter(None, ends):
            # Anything else is said, and taken up again after the lease: it stops no other.
            if isinstance(end, TRANSIENT) or not isinstance(end, Exception):
                raise end
            log.error("notice.unsettled", error=type(end).__name__)
        return len(taken)

    async def _deliver_there(
        self, parcels: Sequence[_Parcel], side_by_side: asyncio.Semaphore, begin_by: float
    ) -> None:
        """Send one receiver its parcels: the first alone, the others once that was taken; a citizen's one by one."""
        waiting = list(parcels)
        took = None
        while waiting and (took is None or _is_of_citizen(parcels[0][0])):
            first = waiting.pop(0)
            took = await self._deliver(first, side_by_side, begin_by)
            if took is False:
                await self._put_off_behind(first[0], [notice for parcel in waiting for notice in parcel])
                return
        ends = await asyncio.gather(
            *(self._deliver(parcel, side_by_side, begin_by) for parcel in waiting), return_exceptions=True
        )
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _deliver(
        self, parcel: _Parcel, side_by_side: asyncio.Semaphore, begin_by: float
    ) -> bool | None:
        """Word and send one parcel; returns whether its receiver may be sent more, None where nothing was sent."""
        async with side_by_side:
            if time.monotonic() > begin_by:
                return None
            worded = [
                (notice, message) for notice in parcel if (message := await self._worded(notice)) is not None
            ]
            if not worded:
                return None
            notices, messages = zip(*worded, strict=True)
            return await self._send(notices, messages[0] if len(messages) == 1 else together(messages))

    async def _put_off_behind(self, probe: KeptNotice, taken: Sequence[KeptNotice]) -> None:
        """What else waits for a receiver that takes nothing waits with the one that was tried; the oldest are given up."""
        now = self.now()
        until = now + min(pause_after(probe.attempts), _LONGEST_BEHIND)
        if old := [notice for notice in taken if now - notice.at > TRIED_FOR]:
            await self._settle(old, NoticeState.GIVEN_UP, store.BEHIND)
        async with self.pool.acquire() as db:
            await store.put_off(db, taken, until + store.AFTER_PROBE, reason=store.BEHIND)
            await store.put_off_endpoint(db, probe, until + store.AFTER_PROBE, now, reason=store.BEHIND)

    async def _worded(self, notice: KeptNotice) -> Message | None:
        """The message that is sent for a notice; None where it is dropped now, which is written down."""
        try:
            async with self.open_unit() as unit:
                message = await self.composers[notice.audience](unit, notice)
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001  what nobody can word stops no other
            await self._put_off_broken([notice], error)
            return None
        if isinstance(message, NotSent):
            await self._leave(notice, message)
            return None
        if notice.attempts == 1 and self.now() - notice.at > TRIED_FOR:
            # Nobody could send it while it was news, such as where its channel was switched off.
            await self._leave(notice, NotSent("outdated"))
            return None
        return message

    async def _leave(self, notice: KeptNotice, why: NotSent) -> None:
        if why.until is None:
            await self._settle([notice], why.state, why.reason)
            return
        async with self.pool.acquire() as db:
            await store.put_off(db, [notice], why.until, reason=why.reason)

    async def _send(self, notices: Sequence[KeptNotice], message: Message) -> bool:
        """Send the message and write down what became of it; returns whether the receiver may be sent more now."""
        first, shown_to = notices[0], masked_address(message.to)
        try:
            await self.carriers[first.channel].carry(first, message)
        except RefusedForGood as refusal:
            state = NoticeState.DROPPED if first.occasion is Occasion.TEST else NoticeState.FAILED
            await self._settle(notices, state, refusal.reason, shown_to)
            await self._note_endpoint(first, took=False, is_gone=isinstance(refusal, Gone))
        except PerhapsTaken:
            await self._put_off_once(notices, shown_to)
            return not _holds_up(first)
        except OSError as error:
            reason = error.reason if isinstance(error, NotNow) else type(error).__name__
            if first.occasion is Occasion.TEST:
                await self._settle(notices, NoticeState.DROPPED, reason, shown_to)
                return False
            await self._put_off(notices, reason, shown_to)
            await self._note_endpoint(first, took=False)
            is_of_this_alone = first.channel is not NoticeChannel.WEBHOOK or _is_of_one(reason)
            return is_of_this_alone and not _holds_up(first)
        except Exception as error:  # noqa: BLE001  what nobody can carry stops no other
            await self._put_off_broken(notices, error, shown_to)
            return not _holds_up(first)
        else:
            await self._settle(notices, NoticeState.SENT, "", shown_to)
            await self._note_endpoint(first, took=True)
        return True

    async def _put_off_once(self, notices: Sequence[KeptNotice], shown_to: str) -> None:
        """Put a letter off that was perhaps taken; after the second such try it is given up, and a person decides."""
        again = [notice for notice in notices if notice.reason == store.PERHAPS]
        if again:
            await self._settle(again, NoticeState.GIVEN_UP, store.PERHAPS, shown_to)
        if first := [notice for notice in notices if notice.reason != store.PERHAPS]:
            await self._put_off(first, store.PERHAPS, shown_to)

    async def _put_off_broken(
        self, notices: Sequence[KeptNotice], error: Exception, shown_to: str = ""
    ) -> None:
        """Log a fault of ours, and put the notices off like any that were not taken."""
        log.error("notice.broken", notice=notices[0].id, error=type(error).__name__)
        await self._put_off(notices, type(error).__name__, shown_to)

    async def _note_endpoint(self, notice: KeptNotice, *, took: bool, is_gone: bool = False) -> None:
        """Count what the other system took and refused; one that took nothing for days is switched off, which is logged."""
        if notice.channel is not NoticeChannel.WEBHOOK or notice.endpoint_id is None:
            return
        async with self.pool.acquire() as db:
            if took:
                await endpoints.took(db, notice.endpoint_id)
            elif await endpoints.failed(db, notice.endpoint_id, self.now(), for_good=is_gone):
                log.error("webhook.disabled", endpoint=notice.endpoint_id)

    async def _put_off(self, notices: Sequence[KeptNotice], reason: str, shown_to: str) -> None:
        now, first = self.now(), notices[0]
        if old := [notice for notice in notices if now - notice.at > TRIED_FOR]:
            await self._settle(old, NoticeState.GIVEN_UP, reason, shown_to)
        log.warning("notice.put-off", notice=first.id, channel=first.channel.value, reason=reason)
        until = now + pause_after(first.attempts)
        async with self.pool.acquire() as db:
            await store.put_off(db, notices, until, reason=reason, shown_to=shown_to)

    async def _settle(
        self, notices: Sequence[KeptNotice], state: NoticeState, reason: str, shown_to: str = ""
    ) -> None:
        first = notices[0]
        metrics.NOTICES.labels(first.channel.value, state.value).inc(len(notices))
        said = log.info if state in (NoticeState.SENT, NoticeState.DROPPED) else log.error
        said(
            "notice.settled", notice=first.id, channel=first.channel.value, state=state.value, reason=reason,
            notices=len(notices),
        )  # fmt: skip
        async with self.pool.acquire() as db:
            await store.settle(db, notices, state, self.now(), reason=reason, shown_to=shown_to)
            if first.occasion is Occasion.TEST:
                await testing.note_tested(db, first.endpoint_id, self.now(), reason)


def _is_of_one(reason: str) -> bool:
    """Whether a receiver answered, and found fault with this notice: RFC 9110 §15.5. That there are too many is of all."""
    return reason.startswith("HTTP 4") and reason != "HTTP 429"


def _parcels(notices: Sequence[KeptNotice]) -> Sequence[_Parcel]:
    """Each alone; but where an office would get more letters at once than anybody reads, all of them in one."""
    letters: dict[str, list[KeptNotice]] = {}
    alone: list[_Parcel] = []
    for notice in notices:
        if notice.channel is NoticeChannel.EMAIL and notice.endpoint_id is not None:
            letters.setdefault(notice.endpoint_id, []).append(notice)
        else:
            alone.append([notice])
    for group in letters.values():
        alone += [group] if len(group) > TOGETHER_ABOVE else [[notice] for notice in group]
    return alone


def _by_receiver(parcels: Sequence[_Parcel]) -> Sequence[Sequence[_Parcel]]:
    """Those to one system together, and a case's to its citizen; each other letter by itself: what one receiver says is
    nothing to others."""
    receivers: dict[tuple[str, str], list[_Parcel]] = {}
    for parcel in parcels:
        first = parcel[0]
        # A test says whether it is taken, and waits behind nothing.
        is_system = (
            first.channel is NoticeChannel.WEBHOOK
            and first.endpoint_id is not None
            and first.occasion is not Occasion.TEST
        )
        of_case = first.case_id if _is_of_citizen(first) else None
        there = (first.endpoint_id if is_system else of_case) or first.id
        receivers.setdefault((first.channel.value, there), []).append(parcel)
    return list(receivers.values())


def _is_of_citizen(notice: KeptNotice) -> bool:
    """News of one case, of which the later makes no sense before the earlier."""
    return notice.audience is Audience.CITIZEN


def _holds_up(notice: KeptNotice) -> bool:
    """Whether what happened to its case since waits for this one, which was put off."""
    return _is_of_citizen(notice) and notice.attempts <= store.HOLDS_UP_TRIES
