"""Hear a hotline's call: a message like any other, unless nobody said anything."""

from datetime import datetime, tzinfo
from typing import Protocol

import msgspec

from intake.core.accepting import Envelope, accepted
from intake.core.calls.transcript import TranscriptBody, contact_of, draft_of, is_silent, turns_of
from intake.core.danger import LineToCall
from intake.core.draft import Draft, moment_of
from intake.core.sealing import Personal, seal
from intake.steps.accept import Reception, accept_submission
from intake.store.silent import Silence
from schemas.ids import AccessCode, TrackingCode


class SilentCalls(Protocol):
    """Calls in which nobody said anything; each is kept in a transaction of its own."""

    async def keep(self, silence: Silence) -> None:
        """Keep it and count it, once. Raises where Postgres is away."""
        ...


class CallReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a hotline gets for a call: its citizen's codes; none where nobody said anything, and there is no case."""

    received_at: datetime
    tracking_code: TrackingCode | None = None
    access_code: AccessCode | None = None
    follow_url: str | None = None
    #: What the agent reads out to somebody who asked for secrecy.
    secrecy: str | None = None
    #: What the agent says at once to somebody who tells of danger.
    call_now: tuple[LineToCall, ...] = ()
    silent: bool = False


async def accept_call(
    reception: Reception, silent: SilentCalls, body: TranscriptBody, envelope: Envelope, *, zone: tzinfo
) -> CallReceipt:
    """Return once the call is durable; the same call again gets the same answer.

    Raises:
        BadInput: a field is wrong.
        KeyReused, Unavailable: as `accept_submission`.
    """
    if is_silent(body):
        await silent.keep(_silence(reception, body, envelope, zone))
        return CallReceipt(received_at=envelope.now, silent=True)
    receipt = await accept_submission(reception, draft_of(body, zone=zone), envelope)
    return CallReceipt(
        received_at=receipt.received_at,
        tracking_code=receipt.tracking_code,
        access_code=receipt.access_code,
        follow_url=receipt.follow_url,
        secrecy=receipt.secrecy,
        call_now=receipt.call_now,
    )


def _silence(reception: Reception, body: TranscriptBody, envelope: Envelope, zone: tzinfo) -> Silence:
    started_at, contact = moment_of(body.started_at, zone), contact_of(body)
    draft = Draft(title="", text="", contact=contact, external_id=body.call_id, said_at=started_at)
    case_id = accepted(draft, envelope, keys=reception.keys).codes.case_id
    personal = Personal(contact=contact, turns=turns_of(body), recording=body.recording)
    return Silence(
        case_id=case_id,
        source=envelope.sender.source,
        call_id=body.call_id,
        started_at=started_at,
        received_at=envelope.now,
        sealed=seal(reception.keys, case_id, personal),
    )
