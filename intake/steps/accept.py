"""Accept a message: check that its key is not another's, make its codes, and answer once Kafka has it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from intake.core.accepting import Accepted, Envelope, RecentMessages, accepted
from intake.core.draft import Draft
from schemas.errors import KeyReused
from schemas.ids import AccessCode, TrackingCode
from schemas.ports import Publisher


class KnownKeys(Protocol):
    """What idempotency keys stood for before this process began."""

    async def content_hash(self, key_hash: str) -> str | None:
        """The content (SHA-256, hex) that this key stood for; None where unknown, or Postgres does not answer soon."""
        ...


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a citizen gets for a message: both codes, when it was received, and where to follow it."""

    tracking_code: TrackingCode
    access_code: AccessCode
    received_at: datetime
    follow_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What accepting a message depends on. One for a process: it remembers what was accepted lately."""

    secret: bytes = field(repr=False)
    publisher: Publisher
    known_keys: KnownKeys
    public_url: str
    recent: RecentMessages = field(default_factory=RecentMessages)


async def accept_submission(reception: Reception, draft: Draft, envelope: Envelope) -> Receipt:
    """Return once the message is durable; the same message again gets the same codes.

    Raises:
        KeyReused: its key, or an anonymous sender's external id, came before with other content.
        Unavailable: Kafka did not confirm; nothing was accepted.
    """
    message = accepted(draft, envelope, secret=reception.secret)
    reception.recent.claim(message)
    received_at = reception.recent.accepted_at(message) or await _make_durable(reception, message)
    return Receipt(
        tracking_code=message.codes.tracking_code,
        access_code=message.codes.access_code,
        received_at=received_at,
        follow_url=f"{reception.public_url}/follow?code={message.codes.tracking_code}",
    )


async def _make_durable(reception: Reception, message: Accepted) -> datetime:
    durable = False
    try:
        await _refuse_reused_names(reception.known_keys, message)
        await reception.publisher.publish(message.event)
        durable = True
    finally:
        if not durable:
            reception.recent.release(message)
    return reception.recent.remember(message)


async def _refuse_reused_names(known_keys: KnownKeys, message: Accepted) -> None:
    for name in message.names:
        known = await known_keys.content_hash(name)
        if known is not None and known != message.event.content_hash:
            raise KeyReused
