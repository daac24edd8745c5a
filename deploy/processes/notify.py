"""`huiyin notify`: sends the notices that wait, and says how many do. Any number of them may run at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from deploy import clock, composition
from deploy.access import loggable_reason
from deploy.database.pool import TRANSIENT, Pool
from deploy.database.unit_of_work import unit_of_work
from deploy.mail.sending import notice_server_of, notices_from
from deploy.notices import endpoints, rounds, store
from deploy.notices.carriers import ByMail, Carrier
from deploy.notices.delivery import AT_ONCE, Delivery
from deploy.notices.gateways import gateway_of
from deploy.notices.webhooks import ByWebhook, webhook_keys
from deploy.observability import metrics
from deploy.processes.health import NOTICES
from deploy.processes.runtime import Process, unwell, well
from deploy.settings import Settings
from routing.steps.notices import notify_waiting
from schemas.bilingual import plain
from schemas.days import day_of
from schemas.notices import Audience, NoticeChannel
from schemas.ports import Unit
from sla.core.calendar import CalendarTooShort
from sla.core.notices import Round, is_digest_time, latest_round
from sla.core.written import RulesRefused
from sla.steps.digest import notify_digests

log = structlog.get_logger()

#: Project choices: nobody notices so little; and what rarely changes is looked at so often.
_PAUSE_SECONDS = 1.0
_SELDOM_SECONDS = 60.0
#: How long a sender that ended beside the sweeper rests before it begins anew (project choice: as a supervisor would).
_AGAIN_SECONDS = 30.0
#: What rounds are made of (the calendar, and the rules) is read no oftener (project choice: what somebody changes
#: there is seen within minutes).
_ROUND_PAUSE = timedelta(minutes=5)


async def notify(process: Process) -> None:
    """Until the process stops; a server that is away is waited for. No channel waits for another."""
    await send_notices(process, process.health)


async def sweep_and_notify(process: Process) -> None:
    """Both until the process stops, as on one machine: a Python less to start and to hold in memory.

    Deadlines are watched whatever becomes of notices: those that cannot be sent are a warning of the process.
    """
    # Here: who only sends notices needs none of it.
    from deploy.processes import sweeper

    sending = process.beside(_send_whatever_happens(process), "notices")
    await sweeper.sweep(process)
    await asyncio.gather(sending, return_exceptions=True)


async def _send_whatever_happens(process: Process) -> None:
    while not process.stopping.is_set():
        try:
            await send_notices(process, {})
        except Exception as error:
            log.critical("notify.ended", error=type(error).__name__, exc_info=error)
            process.health[NOTICES] = f"no notice is sent: {loggable_reason(error)}"
            await process.pause(_AGAIN_SECONDS)


async def send_notices(process: Process, health: dict[str, Any]) -> None:
    """As `notify`; `health` is told how it goes."""
    sender = NoticeSender(process.settings, process.pool)
    process.health.pop(NOTICES, None)
    async with asyncio.TaskGroup() as loops:
        loops.create_task(_repeat(process, health, sender.look_around, _SELDOM_SECONDS))
        for channel in sender.delivery.carriers:
            loops.create_task(_repeat(process, health, partial(sender.send, channel), _PAUSE_SECONDS))


async def _repeat(
    process: Process, health: dict[str, Any], turn: Callable[[], Awaitable[bool]], pause_seconds: float
) -> None:
    """`turn` says whether there is more to do at once."""
    while not process.stopping.is_set():
        has_more = False
        try:
            has_more = await turn()
            health |= well()
        except TRANSIENT as error:
            health |= unwell(plain(type(error).__name__))
            log.warning("notify.failed", error=type(error).__name__, reason=loggable_reason(error))
        if not has_more:
            await process.pause(pause_seconds)


class NoticeSender:
    """Looks for notices that wait, round after round, and sends them."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings = settings
        self._pool = pool
        self._city = composition.city_of(settings)
        #: The day whose digests were said last.
        self._digested: date | None = None
        #: The round of which the dispatchers were told last, and when to look for the next.
        self._told_round: datetime | None = None
        self._next_round = datetime.min.replace(tzinfo=UTC)
        self.delivery = delivery_of(settings, pool)

    async def send(self, channel: NoticeChannel) -> bool:
        """Send a portion of what is due by that channel; whether there may be more."""
        return await self.delivery.turn(channel) >= AT_ONCE

    async def look_around(self) -> bool:
        """Say the day's digests, count, give up what nothing carries, and forget what is old."""
        now = clock.now()
        await self._digest()
        await self._tell_dispatchers()
        async with self._pool.acquire() as db:
            await store.forget(db, now - timedelta(days=self._settings.notice_days))
            if given_up := await store.give_up_uncarried(db, list(self.delivery.carriers), now):
                log.error("notice.no-channel", notices=given_up)
            waiting, oldest, troubled = await store.waiting(db, now)
            silent = await endpoints.fallen_silent(db)
        metrics.NOTICES_WAITING.set(waiting)
        metrics.NOTICES_OLDEST.set(oldest)
        metrics.NOTICES_TROUBLED.set(troubled)
        metrics.WEBHOOKS_DISABLED.set(len(silent))
        return False

    async def _digest(self) -> None:
        """Once a day; every process says it, and it is one notice."""
        now, zone = clock.now(), self._city.zone
        if day_of(now, zone) == self._digested or not is_digest_time(now, zone):
            return
        try:
            _, calendar = await composition.rules_and_calendar(self._settings, self._pool)
            async with unit_of_work(self._pool, prefix=self._settings.topic_prefix, plans_vary=True) as unit:
                await notify_digests(unit, calendar=calendar, zone=zone)
        except (CalendarTooShort, RulesRefused) as error:
            log.error("notify.no-digest", error=type(error).__name__)
        self._digested = day_of(now, zone)

    async def _tell_dispatchers(self) -> None:
        """Of what came since the last round; every process says it, and it is one notice."""
        now, zone = clock.now(), self._city.zone
        if now < self._next_round:
            return
        try:
            _, calendar = await composition.rules_and_calendar(self._settings, self._pool)
            this = latest_round(now, calendar, zone)
        except (CalendarTooShort, RulesRefused) as error:
            log.error("notify.no-round", error=type(error).__name__)
            this = None
        if this is not None and this.at != self._told_round:
            async with unit_of_work(self._pool, prefix=self._settings.topic_prefix, plans_vary=True) as unit:
                await tell_round(unit, this, day_of(now, zone))
            self._told_round = this.at
        self._next_round = now + _ROUND_PAUSE


async def tell_round(unit: Unit, this: Round, day: date) -> bool:
    """Of what came since the last round that anybody told, however long ago that was; whether anything did.

    Whoever comes second, or with an older round, tells nothing.
    """
    told = await rounds.begin(unit.db, Audience.DISPATCHERS, this.since)
    if told >= this.at:
        return False
    await rounds.end(unit.db, Audience.DISPATCHERS, this.at)
    return await notify_waiting(unit, since=told, round_at=this.at, day=day.isoformat())


def delivery_of(settings: Settings, pool: Pool, now: Callable[[], datetime] = clock.now) -> Delivery:
    """What sends notices here.

    Raises:
        SenderUnusable: SMTP_URL names no server.
    """
    return Delivery(
        pool=pool,
        open_unit=partial(unit_of_work, pool, prefix=settings.topic_prefix),
        composers=composition.composers(settings, now),
        carriers=carriers_of(settings),
        now=now,
    )


def carriers_of(settings: Settings) -> dict[NoticeChannel, Carrier]:
    """What takes notices out of the house: those channels that the settings name, and webhooks.

    Raises:
        SenderUnusable, GatewayUnusable: SMTP_URL, SMS_URL or PUSH_URL names nothing of the kind.
    """
    carriers: dict[NoticeChannel, Carrier] = {
        NoticeChannel.WEBHOOK: ByWebhook(
            keys=webhook_keys(settings), allows_private=settings.webhooks_private
        )
    }
    if sms := gateway_of(settings.sms_url, settings.sms_token, "SMS_URL"):
        carriers[NoticeChannel.SMS] = sms
    if push := gateway_of(settings.push_url, settings.push_token, "PUSH_URL"):
        carriers[NoticeChannel.PUSH] = push
    if server := notice_server_of(settings):
        carriers[NoticeChannel.EMAIL] = ByMail(server=server, sender=notices_from(settings))
    return carriers
