"""`huiyin notify`: sends the notices that wait, and says how many do. Any number of them may run at once."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from deploy import clock, composition
from deploy.access import loggable_reason
from deploy.database.pool import TRANSIENT, Pool
from deploy.database.unit_of_work import unit_of_work
from deploy.mail.sending import notice_server_of, notices_from
from deploy.notices import store
from deploy.notices.carriers import ByMail, Carrier
from deploy.notices.delivery import AT_ONCE, Delivery
from deploy.notices.gateways import gateway_of
from deploy.notices.webhooks import ByWebhook, webhook_keys
from deploy.observability import metrics
from deploy.processes.runtime import Process
from deploy.settings import Settings
from schemas.days import day_of
from schemas.notices import NoticeChannel
from sla.core.calendar import CalendarTooShort
from sla.core.notices import is_digest_time
from sla.core.written import RulesRefused
from sla.steps.digest import notify_digests

log = structlog.get_logger()

#: Project choices: nobody notices so little; and what rarely changes is looked at so often.
_PAUSE_SECONDS = 1.0
_SELDOM_SECONDS = 60.0


async def notify(process: Process) -> None:
    """Until the process stops; a server that is away is waited for."""
    sender = Sender(process.settings, process.pool)
    while not process.stopping.is_set():
        sent = 0
        try:
            sent = await sender.turn()
            process.health |= {"ok": True, "reason": ""}
        except TRANSIENT as error:
            process.health |= {"ok": False, "reason": type(error).__name__}
            log.warning("notify.failed", error=type(error).__name__, reason=loggable_reason(error))
        if sent < AT_ONCE:
            await process.pause(_PAUSE_SECONDS)


class Sender:
    """One look after the other."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings = settings
        self._pool = pool
        self._seldom_at = float("-inf")
        self._city = composition.city_of(settings)
        #: The day whose digests were said last.
        self._digested: date | None = None
        self.delivery = delivery_of(settings, pool)

    async def turn(self) -> int:
        """Send a portion of what is due; now and then count, and forget what is old."""
        sent = await self.delivery.turn()
        if time.monotonic() - self._seldom_at > _SELDOM_SECONDS:
            await self._look_around()
            self._seldom_at = time.monotonic()
        return sent

    async def _look_around(self) -> None:
        now = clock.now()
        await self._digest()
        async with self._pool.acquire() as db:
            await store.forget(db, now - timedelta(days=self._settings.notice_days))
            waiting, oldest, troubled = await store.waiting(db, now)
        metrics.NOTICES_WAITING.set(waiting)
        metrics.NOTICES_OLDEST.set(oldest)
        metrics.NOTICES_TROUBLED.set(troubled)

    async def _digest(self) -> None:
        """Once a day; every process says it, and it is one notice."""
        now, zone = clock.now(), self._city.zone
        if day_of(now, zone) == self._digested or not is_digest_time(now, zone):
            return
        try:
            rules = (await composition.rules_in_use(self._settings, self._pool)).rules
            calendar = await composition.calendar_of(self._settings, self._pool, rules)
            async with unit_of_work(self._pool, prefix=self._settings.topic_prefix, plans_vary=True) as unit:
                await notify_digests(unit, calendar=calendar, zone=zone)
        except (CalendarTooShort, RulesRefused) as error:
            log.error("notify.no-digest", error=type(error).__name__)
        self._digested = day_of(now, zone)


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
