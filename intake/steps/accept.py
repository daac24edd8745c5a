"""Accepts a message: checks its idempotency key, makes its codes, and answers once Kafka has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import msgspec

from intake.core.accepting import Accepted, Envelope, RecentMessages, accepted
from intake.core.codes import name_hash, name_of
from intake.core.danger import UNPLAIN, WORDS_ALONE, DangerEar, LineToCall, lines_to_call
from intake.core.draft import Draft
from intake.core.keys import IntakeKeys
from intake.core.secrecy.promised import secrecy_promised
from intake.steps.attach import named_files
from intake.steps.filing import Cabinet
from intake.steps.hear_danger import lines_heard
from schemas.errors import KeyReused, Unavailable
from schemas.events.intake import SubmissionAccepted
from schemas.ids import AccessCode, TrackingCode
from schemas.ports import Publisher
from schemas.values import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBefore:
    """A message that was registered before: when it came, and whether its citizen withdrew it."""

    at: datetime
    is_withdrawn: bool = False


class KnownKeys(Protocol):
    """The contents of idempotency keys that came before this process began."""

    async def content_hash(self, key_hash: str) -> str | None:
        """The hash (hex) of the content that came with this key; None where unknown, or Postgres does not answer soon."""
        ...

    async def received(self, key_hashes: Sequence[str]) -> Mapping[str, CameBefore]:
        """The message that came with each key; unknown ones are left out, as are all if Postgres does not answer soon."""
        ...


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a citizen gets for a message: both codes, when it was received, and where to follow it."""

    tracking_code: TrackingCode
    access_code: AccessCode
    received_at: datetime
    follow_url: str
    #: What is promised to a citizen who asked for secrecy, in their language; else None.
    secrecy: str | None = None
    #: Whom to call at once where the message tells of danger.
    call_now: tuple[LineToCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What accepting a message needs. One for a process, because it remembers what was accepted lately."""

    keys: IntakeKeys
    publisher: Publisher
    known_keys: KnownKeys
    public_url: str
    #: None where no files are taken.
    cabinet: Cabinet | None = None
    ear: DangerEar = WORDS_ALONE
    recent: RecentMessages = field(default_factory=RecentMessages)


async def accept_submission(reception: Reception, draft: Draft, envelope: Envelope) -> Receipt:
    """Return once the message is durable; the same message again gets the same codes.

    Raises:
        KeyReused: its key came before with other content.
        BadInput: it names a file that is not there.
        Unavailable: Kafka did not confirm; nothing was accepted.
    """
    message = await _made_before(reception, draft, envelope)
    message = message or accepted(draft, envelope, keys=reception.keys)
    reception.recent.claim(message)
    received_at = reception.recent.accepted_at(message) or await _make_durable(reception, message)
    return await _receipt(reception, draft, envelope, message, received_at)


async def _receipt(
    reception: Reception, draft: Draft, envelope: Envelope, message: Accepted, received_at: datetime
) -> Receipt:
    said = f"{draft.title}\n{draft.text}"
    # Many messages end here: neither of these two checks costs a function call of ours.
    may_tell = UNPLAIN.search(said) or reception.ear.stirs(said)
    told = await lines_heard(reception.ear, [(draft.title, draft.text)]) if may_tell else ()
    return Receipt(
        tracking_code=message.codes.tracking_code,
        access_code=message.codes.access_code,
        received_at=received_at,
        follow_url=f"{reception.public_url}/follow?code={message.codes.tracking_code}",
        secrecy=secrecy_promised(envelope.sender.channel, envelope.language) if draft.confidential else None,
        call_now=lines_to_call(told, envelope.language) if told else (),
    )


async def accept_once(reception: Reception, draft: Draft, envelope: Envelope) -> tuple[Receipt, bool]:
    """As `accept_submission`, and whether the same browser sent the same before: then it gets that receipt.

    A message that its citizen withdrew may be sent again as a new one, which, if sent twice, is again one.
    """
    names = _names_of(reception, envelope)
    if not names:
        return await accept_submission(reception, draft, envelope), False
    registered = await reception.known_keys.received(list(names))
    name = next(filter(registered.__contains__, names), None)
    if name is None:
        return await _accept_in_browser(reception, draft, envelope, names)
    if registered[name].is_withdrawn:
        anew = [f"{key}:anew" for key in envelope.browser_keys]
        return await accept_once(reception, draft, replace(envelope, browser_keys=anew))
    keys, key = names[name]
    message = accepted(draft, replace(envelope, key=key), keys=keys)
    return await _receipt(reception, draft, envelope, message, registered[name].at), True


async def _accept_in_browser(
    reception: Reception, draft: Draft, envelope: Envelope, names: Mapping[str, tuple[IntakeKeys, str]]
) -> tuple[Receipt, bool]:
    """As `accept_once` for what is not registered yet, but may have been accepted by this process."""
    recent = (key for name, (_, key) in names.items() if reception.recent.knows(name))
    key = next(recent, envelope.browser_keys[0])
    receipt = await accept_submission(reception, draft, replace(envelope, key=key))
    return receipt, receipt.received_at < envelope.now


def _names_of(reception: Reception, envelope: Envelope) -> Mapping[str, tuple[IntakeKeys, str]]:
    """The names under which the message may be known, for every master secret; empty where the browser is unknown."""
    return {
        name_hash(keys, envelope.sender, name_of(None, key)): (keys, key)
        for key in envelope.browser_keys
        for keys in reception.keys.all
    }


async def _made_before(reception: Reception, draft: Draft, envelope: Envelope) -> Accepted | None:
    """The message as accepted under a former master secret, if this is its retry: it keeps those codes."""
    for former in reception.keys.previous:
        message = accepted(draft, envelope, keys=former)
        if await _is_known(reception.known_keys, message):
            return message
    return None


async def _make_durable(reception: Reception, message: Accepted) -> datetime:
    durable = False
    try:
        await _is_known(reception.known_keys, message)
        event = message.event
        if event.attachments:
            event = msgspec.structs.replace(event, attachments=await _files(reception, event))
        await reception.publisher.publish(event)
        durable = True
    finally:
        if not durable:
            reception.recent.release(message)
    return reception.recent.remember(message)


async def _files(reception: Reception, event: SubmissionAccepted) -> tuple[Attachment, ...]:
    if reception.cabinet is None:
        raise Unavailable("attachments")
    ids = [file.attachment_id for file in event.attachments]
    return await named_files(reception.cabinet, ids, event.case_id, event.at)


async def _is_known(known_keys: KnownKeys, message: Accepted) -> bool:
    """Whether the message came before.

    Raises:
        KeyReused: its name stands for other content.
    """
    known = {await known_keys.content_hash(name) for name in message.names} - {None}
    if known - {message.event.content_hash}:
        raise KeyReused
    return bool(known)
