"""Webhooks over the API: how each stands, a test message, another secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
import structlog

from deploy.notices import endpoints, testing
from deploy.notices.endpoints import Endpoint
from deploy.notices.renewing import renew
from deploy.notices.webhooks import secret_of, shown_secret
from schemas.errors import NotFound
from schemas.http import Call, Route
from schemas.ids import DepartmentCode, is_uuid
from schemas.notices import Audience, NoticeChannel, masked_address
from schemas.words import Role

log = structlog.get_logger()

#: Who sees how webhooks stand, and has one sent a test message.
WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Who is shown a secret.
KEEPERS = frozenset({Role.ADMINISTRATOR})


class WebhookTest(msgspec.Struct, frozen=True, kw_only=True):
    """The last test message. `at`: when it was sent; null: it is still to be. `failed`: why it was not taken, or empty."""

    asked_at: datetime
    at: datetime | None
    failed: str


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One system that is told. Of its address only the host is shown."""

    id: str
    audience: Audience
    department: DepartmentCode | None
    url: str
    failing_since: datetime | None
    disabled_at: datetime | None
    #: How often its secret was renewed, and until when messages are signed under the one before, too.
    renewed: int
    former_secret_until: datetime | None
    test: WebhookTest | None


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, by audience and department."""

    items: Sequence[Webhook]


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """`renewed`: as the list says it. `at_once`: the secret of now signs nothing more, since others may know it."""

    renewed: Annotated[int, msgspec.Meta(ge=0)]
    at_once: bool = False


class RenewedSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The new secret, which is kept nowhere, and until when messages are signed under the former one, too."""

    id: str
    secret: str
    renewed: int
    former_secret_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookApi:
    """What the routes need: `key`, what secrets derive from."""

    key: bytes

    async def listed(self, call: Call) -> Webhooks:
        """Every webhook that was not removed."""
        every = await endpoints.listed(call.unit.db)
        return Webhooks(items=[_shown(each, call) for each in every if each.channel is NoticeChannel.WEBHOOK])

    async def test(self, call: Call) -> Webhook:
        """Have it sent a test message within moments; how it stands."""
        known = await webhook_of(call, call.path["endpoint_id"])
        await testing.ask_test(call.unit.db, known, call.unit.now)
        log.info("webhook.test", endpoint=known.id, by=call.principal.name)
        return _shown(await webhook_of(call, known.id), call)

    async def renew(self, call: Call) -> RenewedSecret:
        """Its next secret; asked for twice, the same."""
        return await self.renewed(call, call.path["endpoint_id"], call.body)

    async def renewed(self, call: Call, endpoint_id: str, asked: Renewal) -> RenewedSecret:
        """The same of this endpoint, whoever asks how."""
        known = await webhook_of(call, endpoint_id)
        now, by = call.unit.now, call.principal.name
        renewed = await renew(
            call.unit.db, known.id, seen=asked.renewed, at_once=asked.at_once, by=by, now=now
        )
        log.info("webhook.renewed", endpoint=known.id, by=by)
        return RenewedSecret(
            id=renewed.id,
            secret=shown_secret(secret_of(self.key, renewed.id, renewed.renewed)),
            renewed=renewed.renewed,
            former_secret_until=_former_until(renewed, now),
        )

    def routes(self) -> tuple[Route, ...]:
        """The routes of the API."""
        at = partial(Route, page=False)
        return (
            at(method="GET", path="/api/v1/webhooks", answer=self.listed, who=WATCHERS, returns=Webhooks,
               summary="The systems that are told, and how each stands"),
            at(method="POST", path="/api/v1/webhooks/{endpoint_id}/test", answer=self.test, who=WATCHERS, returns=Webhook,
               summary="Send a webhook a test message, tried once"),
            at(method="POST", path="/api/v1/webhooks/{endpoint_id}/secret", answer=self.renew, who=KEEPERS, body=Renewal,
               returns=RenewedSecret, summary="Renew a webhook's secret; the former one is valid for a week"),
        )  # fmt: skip


async def webhook_of(call: Call, endpoint_id: str) -> Endpoint:
    """The webhook of that id.

    Raises:
        NotFound: there is none.
    """
    known = await endpoints.find(call.unit.db, endpoint_id) if is_uuid(endpoint_id) else None
    if known is None or known.channel is not NoticeChannel.WEBHOOK:
        raise NotFound
    return known


def _former_until(endpoint: Endpoint, now: datetime) -> datetime | None:
    return endpoint.former_until if len(endpoint.secrets(now)) > 1 else None


def _shown(endpoint: Endpoint, call: Call) -> Webhook:
    return Webhook(
        id=endpoint.id,
        audience=endpoint.audience,
        department=endpoint.department,
        url=masked_address(endpoint.address),
        failing_since=endpoint.failing_since,
        disabled_at=endpoint.disabled_at,
        renewed=endpoint.renewed,
        former_secret_until=_former_until(endpoint, call.unit.now),
        test=_test_of(endpoint),
    )


def _test_of(endpoint: Endpoint) -> WebhookTest | None:
    if endpoint.test_asked_at is None:
        return None
    is_sent = not endpoint.is_being_tested
    return WebhookTest(
        asked_at=endpoint.test_asked_at,
        at=endpoint.tested_at if is_sent else None,
        failed=endpoint.test_failed if is_sent else "",
    )
