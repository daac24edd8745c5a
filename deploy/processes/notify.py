"""`huiyin notify`: sends the notices that wait, and says how many do. Any number of them may run at once."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
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
from deploy.notices.webhooks import ByWebhook, webhook_keys
from deploy.observability import metrics
from deploy.processes.runtime import Process
from deploy.settings import Settings
from schemas.notices import NoticeChannel

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
        async with self._pool.acquire() as db:
            await store.forget(db, now - timedelta(days=self._settings.notice_days))
            waiting, oldest, troubled = await store.waiting(db, now)
        metrics.NOTICES_WAITING.set(waiting)
        metrics.NOTICES_OLDEST.set(oldest)
        metrics.NOTICES_TROUBLED.set(troubled)


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
        SenderUnusable: SMTP_URL names no server.
    """
    carriers: dict[NoticeChannel, Carrier] = {
        NoticeChannel.WEBHOOK: ByWebhook(
            keys=webhook_keys(settings), allows_private=settings.webhooks_private
        )
    }
    if server := notice_server_of(settings):
        carriers[NoticeChannel.EMAIL] = ByMail(server=server, sender=notices_from(settings))
    return carriers
