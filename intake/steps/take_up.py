"""Repeats what citizens and staff did according to Kafka, where a restored register has forgotten it.

That is so where an older copy was restored.
"""

import hashlib

from msgspec.structs import replace

from intake.core.following.asked_back import ANSWERED_BACK
from intake.core.following.view import TimelineEntry, View, allowed_actions
from intake.core.keys import IntakeKeys
from intake.core.public.publication import MOST_CONSENTS
from intake.steps.act_on_case import consents, keep_consent, keep_secret_if_asked, state_asked
from intake.steps.enclose import enclose_again
from intake.steps.limit_publication import limit_again
from intake.store import published, reconciling, register, view
from schemas.event import Event
from schemas.events.call_backs import CallBackAnswered
from schemas.events.intake import (
    CaseSupplemented,
    CaseWithdrawn,
    CitizenObjected,
    CitizenRated,
    PublicationDecided,
    PublicationLimited,
    RefusalObjected,
)
from schemas.ports import Unit
from schemas.words import CitizenAction

_Objected = CitizenObjected | RefusalObjected


async def take_up(unit: Unit, keys: IntakeKeys, event: Event) -> bool:
    """Do what the citizen did then, and say so once more; whether that could be.

    It cannot where the case stands elsewhere now than when they did it: what they rated, or objected to, is gone. Their
    words come as departments read them, masked: as they were written Kafka never had them; and those of their files that
    are there.
    """
    code = await reconciling.tracking_code(unit.db, event.case_id)
    if code is None:
        return False
    await view.lock_view(unit.db, event.case_id)
    if isinstance(event, CaseSupplemented) and await reconciling.has_supplement(
        unit.db, event.case_id, event.text
    ):
        # Somebody sent the same words once more meanwhile: that is one addition.
        return True
    if isinstance(event, PublicationLimited):
        return await limit_again(unit, keys, event)
    case = await view.find_view(unit.db, code)
    if case is not None and isinstance(event, PublicationDecided):
        return await _consent(unit, case, event)
    if isinstance(event, CaseSupplemented) and event.attachments:
        event = replace(event, attachments=await enclose_again(unit, event))
    if case is None or not await _done(unit, keys, case, event):
        return False
    unit.emit(event)
    return True


async def _consent(unit: Unit, case: View, event: PublicationDecided) -> bool:
    """Their last word counts: one that they said since stays, and what is for nobody else is so whatever they allowed.

    A yes is for an answer that they had read: where another one stands, they are to say it of that one.
    """
    said = consents(case)
    if said and said[-1].at > event.at:
        return True
    if len(said) >= MOST_CONSENTS or (event.allowed and not _had_read(case, event)):
        return False
    if said and said[-1].at == event.at:
        # This very word; whoever else forgot it hears it again.
        unit.emit(event)
        return True
    await keep_consent(unit, case, event.at, is_allowed=event.allowed)
    return True


def _had_read(case: View, event: PublicationDecided) -> bool:
    """Whether the answer that others may read with their consent was there when they gave it."""
    if case.publication is None or case.response_at is None:
        return False
    return case.version >= event.version and case.response_at <= event.at


async def _done(unit: Unit, keys: IntakeKeys, case: View, event: Event) -> bool:
    may, is_same = allowed_actions(case, event.at), case.version == event.version
    match event:
        case CaseSupplemented():
            await _add(unit, keys, case, event)
        case CaseWithdrawn() if CitizenAction.WITHDRAWAL in may:
            await _withdraw(unit, case, event)
        case CitizenRated() if is_same and CitizenAction.RATING in may:
            await _rate(unit, case, event)
        case CitizenObjected() | RefusalObjected() if is_same and CitizenAction.OBJECTION in may:
            await _object(unit, case, event)
        case CallBackAnswered() if is_same and case.asked_back_until and event.at <= case.asked_back_until:
            line = TimelineEntry(at=event.at, event=ANSWERED_BACK, words=event.note)
            await keep_secret_if_asked(unit, case, event.note, event.at)
            await view.add_line(unit.db, case.case_id, line)
        case _:
            return False
    return True


async def _add(unit: Unit, keys: IntakeKeys, case: View, event: CaseSupplemented) -> None:
    said = "\0".join((event.text, *(each.attachment_id for each in event.attachments)))
    content_hash = keys.keyed(hashlib.sha256(said.encode()).digest())
    await register.insert_supplements(unit.db, [(case.case_id, content_hash, event.at, event.text, None)])
    await keep_secret_if_asked(unit, case, event.text, event.at)
    if event.answers and case.question is not None:
        await view.use_answer(unit.db, case.case_id)
    line = TimelineEntry(at=event.at, event="answered_question" if event.answers else "supplemented")
    await view.add_line(unit.db, case.case_id, line)


async def _withdraw(unit: Unit, case: View, event: CaseWithdrawn) -> None:
    state = state_asked(case)
    line = TimelineEntry(at=event.at, event="withdrawal", words=event.reason)
    await view.keep_withdrawal(unit.db, case.case_id, event.at, state, line)
    await keep_secret_if_asked(unit, case, event.reason, event.at)


async def _rate(unit: Unit, case: View, event: CitizenRated) -> None:
    line = TimelineEntry(at=event.at, event="rated", score=event.score, words=event.comment)
    await keep_secret_if_asked(unit, case, event.comment, event.at)
    await view.keep_rating(unit.db, case.case_id, event.score, event.comment, line)


async def _object(unit: Unit, case: View, event: _Objected) -> None:
    line = TimelineEntry(at=event.at, event="objected", words=event.reason)
    await keep_secret_if_asked(unit, case, event.reason, event.at)
    await view.keep_objection(unit.db, case.case_id, line)
    await published.mark_objected(unit.db, case.case_id, event.at)
