"""Receive a letter by e-mail: a message like any other, or an addition to the case whose sender answers us."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import msgspec

from intake.core.accepting import Envelope, accepted
from intake.core.calls.transcript import CALL_LIMIT
from intake.core.codes import Sender
from intake.core.danger import LineToCall, lines_to_call
from intake.core.draft import (
    EMAIL,
    EMAIL_LIMIT,
    NAME_LIMIT,
    TITLE_LIMIT,
    ContactBody,
    Draft,
    SubmissionBody,
    check,
)
from intake.core.following.view import View, allowed_actions
from intake.core.letters.letter import Enclosure, Letter, letter_digest
from intake.core.letters.letter_text import codes_in, own_words, without_access_codes
from intake.core.sealing import contact_in
from intake.core.secrecy.asked import asks_for_secrecy
from intake.steps.accept import Receipt, Reception, accept_submission
from intake.steps.act_on_case import Addition, TooManyAdditions, answer, supplement
from intake.steps.hear_danger import lines_heard
from intake.steps.take_files import take_enclosed
from intake.store import letters, register, view
from schemas.errors import ActionNotAllowed, BadInput, FieldError, Refused, Unavailable
from schemas.ids import AttachmentId, TrackingCode
from schemas.ports import Unit
from schemas.values import Contact
from schemas.wording import says_something
from schemas.words import Channel, CitizenAction, Language

#: Opens a unit of work of its own.
OpenUnit = Callable[[], AbstractAsyncContextManager[Unit]]
#: Room for the notes behind a text (project choice: some sentences).
_TEXT_LIMIT = CALL_LIMIT - 2_000
#: Of an address longer than any that letters can be sent to (project choice: it is read by people).
_REMARKED = 500
#: Bytes of a file that are handed on at a time (project choice).
_PIECE = 128 * 1024
#: How long whom to call is still worth saying (project choice: as long as a followed case says it), since it was taken.
_TOLD_FOR = timedelta(days=1)


class Fate(StrEnum):
    """What became of a letter."""

    #: A new case, or the very message that one was made of.
    ACCEPTED = "accepted"
    #: Added to the case that its sender answered about.
    SUPPLEMENTED = "supplemented"
    #: Written by a program: a bounce, an absence note, our own. Kept where it came.
    AUTOMATIC = "automatic"
    #: Nothing is in it that anybody could work on. Kept where it came.
    EMPTY = "empty"


class EnclosuresWait(Unavailable):
    """What a letter encloses cannot be kept now; nothing of the letter was taken."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a letter, and what its sender is told of a new case."""

    fate: Fate
    receipt: Receipt | None = None
    language: Language = Language.ZH
    #: Whom to call, where what was added to a case tells of danger.
    call_now: tuple[LineToCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBox:
    """What receiving letters depends on. `name`: of the mailbox, as the source of what comes by it."""

    reception: Reception
    open_unit: OpenUnit
    name: str
    entropy: Callable[[int], bytes]


async def receive_letter(box: LetterBox, letter: Letter, now: datetime) -> Taken:
    """Return once the letter is durable; the same letter again is the same case, or the same addition.

    Its id joins nothing: two letters of one id that differ in sender, time or content are two cases. An addition needs
    one of our codes in it, and the address that the case came from.

    Raises:
        EnclosuresWait, Unavailable: nothing was taken; it may be tried again.
    """
    if letter.automatic:
        return Taken(fate=Fate.AUTOMATIC)
    try:
        files, notes = await _keep_enclosures(box, letter, now)
    except (Unavailable, OSError) as error:
        raise EnclosuresWait("attachments") from error
    language = _language(letter)
    if (added_at := await _added(box, letter, files, notes)) is not None:
        words = own_words(letter.text)
        call_now = (
            await _whom_to_call(box, letter.subject, words, language) if now - added_at < _TOLD_FOR else ()
        )
        return Taken(fate=Fate.SUPPLEMENTED, language=language, call_now=call_now)
    try:
        draft = _draft(box, letter, files, notes, now)
    except BadInput:
        return Taken(fate=Fate.EMPTY, language=language)
    sender = Sender(channel=Channel.EMAIL, source=box.name)
    envelope = Envelope(sender=sender, key=None, now=now, entropy=box.entropy(32), language=language)
    receipt = await accept_submission(box.reception, draft, envelope)
    received_at = await _first_received(box.reception, draft, envelope, receipt)
    call_now = (
        receipt.call_now or await _whom_to_call(box, draft.title, draft.text, language)
        if now - received_at < _TOLD_FOR
        else ()
    )
    receipt = msgspec.structs.replace(receipt, received_at=received_at, call_now=call_now)
    return Taken(fate=Fate.ACCEPTED, receipt=receipt, language=language)


async def _first_received(
    reception: Reception, draft: Draft, envelope: Envelope, receipt: Receipt
) -> datetime:
    """When the letter was first accepted, by whichever process; where the register does not say in time, as it seems now."""
    names = [name for keys in reception.keys.all for name in accepted(draft, envelope, keys=keys).names]
    before = await reception.known_keys.received(names)
    return min((receipt.received_at, *(came.at for came in before.values())))


async def _whom_to_call(box: LetterBox, title: str, text: str, language: Language) -> tuple[LineToCall, ...]:
    return lines_to_call(await lines_heard(box.reception.ear, [(title, text)]), language)


def _language(letter: Letter) -> Language:
    is_chinese = any("\u3400" <= character <= "\u9fff" for character in letter.subject + letter.text)
    return Language.ZH if is_chinese else Language.EN


async def _keep_enclosures(
    box: LetterBox, letter: Letter, now: datetime
) -> tuple[tuple[AttachmentId, ...], list[str]]:
    """What is enclosed, by the checks that every file passes; and a note of each that was not taken."""
    cabinet = box.reception.cabinet
    ids: list[AttachmentId] = []
    notes = ["邮件过大或无法完整读取，原件保存在邮箱里"] if letter.is_cut else []
    # Its id alone may be another's, whose files are not theirs.
    key = f"mail:{box.name}:{letter_digest(letter).hex()}"
    for enclosure in letter.enclosures:
        try:
            if cabinet is None or len(ids) >= cabinet.most_files:
                raise BadInput([FieldError("attachments", "附件太多。", "Too many attachments.")])
            pieces = partial(_pieces, enclosure)
            kept = await take_enclosed(cabinet, pieces, name=enclosure.name, key=key, now=now)
            ids.append(kept.attachment_id)
        except Refused as refusal:
            notes.append(f"{enclosure.name}：{_reason(refusal)}")
    return tuple(dict.fromkeys(ids)), notes


async def _pieces(enclosure: Enclosure) -> AsyncIterator[bytes]:
    for start in range(0, len(enclosure.content), _PIECE):
        yield enclosure.content[start : start + _PIECE]


def _reason(refusal: Refused) -> str:
    reason = refusal.errors[0] if isinstance(refusal, BadInput) else refusal
    return reason.message(Language.ZH).rstrip("。")


def _with_notes(text: str, notes: Sequence[str]) -> str:
    """The text with what its department should know: what was enclosed and is not there."""
    return f"{text}\n\n（邮件附件没有接收：{'；'.join(notes)[:1500]}）".strip() if notes else text


async def _added(
    box: LetterBox, letter: Letter, files: Sequence[AttachmentId], notes: Sequence[str]
) -> datetime | None:
    """When it was added to the case that it answers about; None where there is none, or nothing more can be added.

    Where its files are too many for the case, its words are added with a note of that.
    """
    try:
        return await _added_whole(box, letter, files, notes)
    except BadInput as refusal:
        return await _added_whole(box, letter, (), [*notes, _reason(refusal)])


async def _added_whole(
    box: LetterBox, letter: Letter, files: Sequence[AttachmentId], notes: Sequence[str]
) -> datetime | None:
    """What was said of a letter once stays: its case may have been answered, closed, or registered at all since."""
    keys = box.reception.keys
    codes = codes_in(f"{letter.subject}\n{letter.text}", keys.code_secrets)
    words = without_access_codes(own_words(letter.text), codes, keys.code_secrets)
    text = _with_notes(words[:_TEXT_LIMIT], notes)
    if not codes or not letter.sender or not says_something(text):
        return None
    names = [each.keyed(letter_digest(letter)) for each in keys.all]
    async with box.open_unit() as unit:
        before = await letters.claim_letter(unit.db, names, unit.now)
        if before is not None:
            return before.added_at
        case = await _case_of(box, unit, codes, letter.sender)
        if case is None or not await _is_taken(box, unit, case, Addition(text=text, files=files)):
            return None
        await letters.mark_added(unit.db, names[0])
        return unit.now


async def _is_taken(box: LetterBox, unit: Unit, case: View, added: Addition) -> bool:
    do = answer if CitizenAction.ANSWER in allowed_actions(case, unit.now) else supplement
    try:
        await do(unit, box.reception.keys, case, added, box.reception.cabinet)
    except (ActionNotAllowed, TooManyAdditions):
        return False
    return True


async def _case_of(box: LetterBox, unit: Unit, codes: Sequence[TrackingCode], sender: str) -> View | None:
    """The first of these cases that came from this address."""
    for code in codes:
        case = await view.find_view(unit.db, code)
        if case is None:
            continue
        contact = contact_in(
            box.reception.keys, case.case_id, await register.sealed_of(unit.db, case.case_id)
        )
        if contact is not None and (contact.email or "").lower() == sender:
            return case
    return None


def _draft(
    box: LetterBox, letter: Letter, files: Sequence[AttachmentId], notes: Sequence[str], now: datetime
) -> Draft:
    """The letter as a message.

    Raises:
        BadInput: neither subject nor text says anything, and nothing came with it.
    """
    secrets = box.reception.keys.code_secrets
    codes = codes_in(f"{letter.subject}\n{letter.text}", secrets)
    subject, text = (without_access_codes(part, codes, secrets) for part in (letter.subject, letter.text))
    if len(text) > _TEXT_LIMIT:
        text = f"{text[:_TEXT_LIMIT]}\n\n（邮件过长，以下未收入；原件保存在邮箱里。）"
    if len(subject) > TITLE_LIMIT:
        text = f"{subject}\n\n{text}"
    if not says_something(text) and files:
        text = f"{text}\n（正文为空，见附件。）".strip()
    if not says_something(subject + text):
        raise BadInput([FieldError("text", "此项必填。", "This field is required.")])
    text = text if says_something(text) else subject
    title = subject if says_something(subject) else _said_first(text)
    body = SubmissionBody(
        title=title[:TITLE_LIMIT],
        text=_with_notes(text, notes),
        contact=_contact(letter),
        confidential=asks_for_secrecy(subject, text),
        external_id=letter.message_id,
        attachments=list(files),
    )
    draft = check(body, text_limit=CALL_LIMIT)
    if letter.sender and not (body.contact and body.contact.email):
        # No address that the form would take is still whose letter it is.
        remarks = f"邮箱：{letter.sender[:_REMARKED]}"
        draft = msgspec.structs.replace(
            draft, contact=msgspec.structs.replace(draft.contact or Contact(), remarks=remarks)
        )
    said_at = letter.said_at if letter.said_at and letter.said_at <= now else None
    return msgspec.structs.replace(draft, sender_id=letter.sender or None, said_at=said_at)


def _said_first(text: str) -> str:
    """The first line that says something: signs alone are no title, and their letter is a message all the same."""
    return next((line for line in text.split("\n") if says_something(line)), text)


def _contact(letter: Letter) -> ContactBody | None:
    """Who wrote it; the address where it is one, since whatever is wrong with it, the letter is a message."""
    is_address = len(letter.sender) <= EMAIL_LIMIT and EMAIL.fullmatch(letter.sender)
    name, email = letter.sender_name[:NAME_LIMIT] or None, letter.sender if is_address else None
    return ContactBody(name=name, email=email) if name or email else None
