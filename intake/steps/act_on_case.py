"""What citizens do with their case: look at it, rate the answer, object, add something, withdraw."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from intake.core.codes import opens, parse_tracking_code
from intake.core.following.asked_back import ANSWERED_BACK, asked_in
from intake.core.following.received import words_received
from intake.core.following.view import UNDISPATCHED, TimelineEntry, View, allowed_actions
from intake.core.keys import IntakeKeys
from intake.core.markup import without_markup
from intake.core.public.publication import MOST_CONSENTS, TooManyConsents
from intake.core.sealing import Personal, contact_in, seal
from intake.core.secrecy.asked import refuses_publication
from intake.core.wording import normalised, simplified
from intake.steps.enclose import enclose
from intake.steps.filing import Cabinet
from intake.store import file_rights, published, register, view
from schemas.errors import ActionNotAllowed, BadInput, FieldError, NotFound
from schemas.events.call_backs import CallBackAnswered
from schemas.events.intake import (
    CaseSupplemented,
    CaseWithdrawn,
    CitizenObjected,
    CitizenRated,
    PublicationDecided,
    RefusalObjected,
)
from schemas.ids import AttachmentId, CaseId, TrackingCode
from schemas.masking import declared_by, for_department
from schemas.ports import Unit
from schemas.values import Contact
from schemas.words import CaseState

#: Project choices: nobody has so much more to say in a day, or at all, and a department can still read all of it. What it
#: asked may always be answered.
MOST_A_DAY = 20
MOST_ADDITIONS = 200


class TooManyAdditions(BadInput):
    """More was added to a case than anybody reads."""

    def __init__(self) -> None:
        zh = f"一件诉求 24 小时内最多补充 {MOST_A_DAY} 次，总共最多 {MOST_ADDITIONS} 次；请把要说的话写在一起，明天再补充。"
        en = (
            f"At most {MOST_A_DAY} additions to a case within 24 hours, and {MOST_ADDITIONS} altogether; please write "
            "what you have to say in one, tomorrow."
        )
        super().__init__([FieldError("text", zh, en)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The two codes, as somebody typed them."""

    tracking_code: str
    access_code: str


def proven(keys: IntakeKeys, credentials: Credentials) -> TrackingCode:
    """The tracking code, which was handed out with that access code.

    Raises:
        CodeMistyped: it was never handed out.
        NotFound: the access code is not the one that belongs to it.
    """
    tracking_code = parse_tracking_code(keys.code_secrets, credentials.tracking_code)
    if not opens(keys.code_secrets, tracking_code, credentials.access_code):
        raise NotFound
    return tracking_code


async def open_case(
    unit: Unit | None,
    keys: IntakeKeys,
    credentials: Credentials,
    *,
    received_at: Callable[[TrackingCode], datetime],
) -> View:
    """The case that these codes open, from the moment when they were handed out.

    Before it is registered, and without a database, the codes prove themselves; it then shows as received, at
    the moment that `received_at` knows.

    Raises:
        CodeMistyped: the tracking code was never handed out.
        NotFound: the access code is not the one that belongs to it.
    """
    tracking_code = proven(keys, credentials)
    found = None if unit is None else await view.find_view(unit.db, tracking_code)
    return found or _received(tracking_code, received_at(tracking_code))


def _received(tracking_code: TrackingCode, received_at: datetime) -> View:
    return View(
        case_id=CaseId(""),
        tracking_code=tracking_code,
        title="",
        text="",
        received_at=received_at,
        state=CaseState.RECEIVED,
        version=0,
    )


async def rate(unit: Unit, keys: IntakeKeys, case: View, *, score: int, comment: str) -> None:
    """The citizen's rating, 1 worst to 5 best, once for each answer.

    Raises:
        ActionNotAllowed: not closed, or this answer was rated before.
    """
    case = await _held(unit, case, "rating")
    words = await _masked(unit, keys, case, comment)
    await keep_secret_if_asked(unit, case, comment)
    await view.keep_rating(
        unit.db,
        case.case_id,
        score,
        words,
        TimelineEntry(at=unit.now, event="rated", score=score, words=words),
    )
    unit.emit(
        CitizenRated(case_id=case.case_id, version=case.version, at=unit.now, score=score, comment=words)
    )


async def answer_call_back(
    unit: Unit, keys: IntakeKeys, case: View, *, contacted: bool, solved: str, satisfied: bool, comment: str
) -> None:
    """The citizen says on their page what they would be asked by telephone (回访), once.

    Raises:
        ActionNotAllowed: they are not asked, they answered, or the time for it is over.
    """
    case = await _current(unit, case)
    until = case.asked_back_until
    if until is None or unit.now > until:
        raise ActionNotAllowed(state=case.state.value, allowed_actions=allowed_actions(case, unit.now))
    words = await _masked(unit, keys, case, comment)
    await keep_secret_if_asked(unit, case, comment)
    await view.add_line(unit.db, case.case_id, TimelineEntry(at=unit.now, event=ANSWERED_BACK, words=words))
    unit.emit(
        CallBackAnswered(
            case_id=case.case_id, version=case.version, at=unit.now, contacted=contacted, solved=solved,
            satisfied=satisfied, note=words, number=asked_in(case.timeline),
        )
    )  # fmt: skip


async def object_to_outcome(unit: Unit, keys: IntakeKeys, case: View, *, reason: str) -> None:
    """The citizen says that it is not settled, or that it is for the city to handle after all; once.

    Raises:
        ActionNotAllowed: neither answered nor declined, objected before, or too late.
    """
    case = await _held(unit, case, "objection")
    words = await _masked(unit, keys, case, reason)
    await keep_secret_if_asked(unit, case, reason)
    line = TimelineEntry(at=unit.now, event="objected", words=words)
    await view.keep_objection(unit.db, case.case_id, line)
    if case.is_answered_directly:
        await published.mark_objected(unit.db, case.case_id, unit.now)
    if case.state is CaseState.DECLINED or case.is_answered_directly:
        unit.emit(RefusalObjected(case_id=case.case_id, version=case.version, at=unit.now, reason=words))
        return
    await published.mark_objected(unit.db, case.case_id, unit.now)
    unit.emit(CitizenObjected(case_id=case.case_id, version=case.version, at=unit.now, reason=words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What a citizen adds to a case: words, and files that were uploaded before."""

    text: str
    files: Sequence[AttachmentId] = ()
    #: Those of them that everybody may see beside a published answer.
    publish: Sequence[AttachmentId] = ()

    @property
    def said(self) -> str:
        """What is compared to find an addition that was sent twice: its text and its files."""
        return "\0".join((self.text, *self.files))


async def supplement(
    unit: Unit, keys: IntakeKeys, case: View, added: Addition, cabinet: Cabinet | None = None
) -> None:
    """The citizen adds something; the same twice is one addition, and the second time leaves its line.

    Raises:
        ActionNotAllowed: the case has ended.
        TooManyAdditions: enough was added.
        BadInput, Unavailable: its files; see `enclose`.
    """
    case = await _held(unit, case, "supplement")
    await _add(unit, keys, case, added, added.said, cabinet)


async def answer(
    unit: Unit, keys: IntakeKeys, case: View, added: Addition, cabinet: Cabinet | None = None
) -> None:
    """The citizen answers what the department asked.

    Raises:
        ActionNotAllowed: nothing is asked, or it was answered.
        BadInput, Unavailable: its files; see `enclose`.
    """
    case = await _held(unit, case, "answer")
    await view.use_answer(unit.db, case.case_id)
    # The answer counts, though its words may have been said before.
    said = f"answer\0{case.version}\0{added.said}"
    await _add(unit, keys, case, added, said, cabinet, answers=True)


async def _add(
    unit: Unit,
    keys: IntakeKeys,
    case: View,
    added: Addition,
    said: str,
    cabinet: Cabinet | None,
    *,
    answers: bool = False,
) -> None:
    contact = contact_in(keys, case.case_id, await register.sealed_of(unit.db, case.case_id))
    words = _masked_for(contact, added.text)
    await keep_secret_if_asked(unit, case, added.text)
    sealed = seal(keys, case.case_id, Personal(text=added.text)) if words != added.text else None
    content_hash = await _content_hash(unit, keys, case, said)
    if not answers:
        await _ensure_few(unit, case, content_hash)
    row = (case.case_id, content_hash, unit.now, words, sealed)
    if not await register.insert_supplements(unit.db, [row]):
        await _say_again(unit, case)
        return
    most_files = cabinet.most_files if cabinet else None
    files = await enclose(unit, most_files, case.case_id, added.files, contact=contact)
    if allowed := set(added.files) & set(added.publish):
        await file_rights.say_publishable(unit.db, [(case.case_id, each) for each in sorted(allowed)])
    line = TimelineEntry(at=unit.now, event="answered_question" if answers else "supplemented")
    await view.add_line(unit.db, case.case_id, line)
    unit.emit(
        CaseSupplemented(
            case_id=case.case_id, version=case.version, at=unit.now, text=words, simplified=simplified(words),
            answers=answers, attachments=files,
        )
    )  # fmt: skip


async def _content_hash(unit: Unit, keys: IntakeKeys, case: View, said: str) -> bytes:
    """What is kept of the words; where they were said before a change of the master secret, what is kept of them then."""
    digest = hashlib.sha256(said.encode()).digest()
    formers = [former.keyed(digest) for former in keys.previous]
    known = await register.known_supplements(unit.db, case.case_id, formers) if formers else ()
    return next(iter(known), keys.keyed(digest))


async def _ensure_few(unit: Unit, case: View, content_hash: bytes) -> None:
    """What was said before may be said again, however much there is."""
    others, lately = await register.count_supplements(
        unit.db, case.case_id, but=content_hash, since=unit.now - timedelta(days=1)
    )
    if lately >= MOST_A_DAY or others >= MOST_ADDITIONS:
        raise TooManyAdditions


async def _say_again(unit: Unit, case: View) -> None:
    """A line for words that the case has already; one for however many times in a row."""
    if not case.timeline or case.timeline[-1].event != "supplemented_again":
        await view.add_line(unit.db, case.case_id, TimelineEntry(at=unit.now, event="supplemented_again"))


async def withdraw(unit: Unit, keys: IntakeKeys, case: View, *, reason: str) -> None:
    """The citizen asks to withdraw; before a department has the case that shows at once, then handlers decides.

    Raises:
        ActionNotAllowed: answered, ended, or asked before.
    """
    case = await _held(unit, case, "withdrawal")
    state = state_asked(case)
    words = await _masked(unit, keys, case, reason)
    entry = TimelineEntry(at=unit.now, event="withdrawal", words=words)
    await view.keep_withdrawal(unit.db, case.case_id, unit.now, state, entry)
    await keep_secret_if_asked(unit, case, reason)
    unit.emit(CaseWithdrawn(case_id=case.case_id, version=case.version, at=unit.now, reason=words))


def state_asked(case: View) -> CaseState:
    """Where the case shows once its withdrawal was asked for: before a department has it, it is withdrawn at once."""
    return CaseState.WITHDRAWN if case.state in UNDISPATCHED else case.state


async def holds(unit: Unit, keys: IntakeKeys, case: View, action: str, words: str) -> bool:
    """Whether what was accepted from the citizen before has these very words: sent again, nothing of them is lost."""
    contact = contact_in(keys, case.case_id, await register.sealed_of(unit.db, case.case_id))
    if action == "answer":
        added = await register.supplements_of(unit.db, case.case_id, MOST_A_DAY)
        kept = [said.text for said in added]
    else:
        kept = [words_received(case, action)]
    # What was kept may have come to a release that masks less.
    masked = _masked_for(contact, words).strip()
    return any(masked == _masked_for(contact, each).strip() for each in kept)


async def allow_publication(unit: Unit, case: View, *, is_allowed: bool) -> None:
    """The citizen says whether everybody may read the answer; said again it changes nothing.

    Raises:
        ActionNotAllowed: there is no answer yet, or it is one that nobody else ever reads.
        TooManyConsents: allowed and taken back too often; taking back is never refused.
    """
    case = await _current(unit, case)
    if case.publication is None:
        raise ActionNotAllowed(state=case.state.value, allowed_actions=allowed_actions(case, unit.now))
    # What staff withhold is not public all the same.
    if is_allowed is not (case.may_publish if case.is_withheld else case.publication == "public"):
        if is_allowed and len(consents(case)) >= MOST_CONSENTS - 1:
            raise TooManyConsents
        await keep_consent(unit, case, unit.now, is_allowed=is_allowed)


async def keep_secret_if_asked(unit: Unit, case: View, words: str, at: datetime | None = None) -> None:
    """Withdraw the permission to publish if an addition asks for secrecy; the citizen may give it again.

    `at`: when they said it, where that is not now; what they said since of publication itself stays.
    """
    is_last = at is None or all(line.at <= at for line in consents(case))
    may_be = case.may_publish if case.is_withheld else case.publication != "withheld"
    if is_last and may_be and refuses_publication(words):
        await keep_consent(unit, case, at or unit.now, is_allowed=False)


async def keep_consent(unit: Unit, case: View, at: datetime, *, is_allowed: bool) -> None:
    """What the citizen said then of publication counts from now on."""
    event = "publication_allowed" if is_allowed else "publication_refused"
    entry = TimelineEntry(at=at, event=event) if len(consents(case)) < MOST_CONSENTS else None
    await view.keep_consent(unit.db, case.case_id, entry, may_publish=is_allowed)
    await (published.show_answer if is_allowed else published.hide_answer)(unit.db, case.case_id, at)
    unit.emit(
        PublicationDecided(
            case_id=case.case_id, version=case.version, at=at, allowed=is_allowed, withheld=case.is_withheld
        )
    )


def consents(case: View) -> Sequence[TimelineEntry]:
    """What the timeline says that the citizen said of publication, `MOST_CONSENTS` times at most."""
    return [line for line in case.timeline if line.event.startswith("publication_")]


async def allow_pictures(unit: Unit, case: View, *, ids: Sequence[AttachmentId]) -> None:
    """Of the citizen's own pictures everybody may see these beside a published answer, and from now on no others.

    Raises:
        ActionNotAllowed: the case is not registered yet.
    """
    if case.registered_at is None:
        raise ActionNotAllowed(state=case.state.value, allowed_actions=[])
    await view.lock_view(unit.db, case.case_id)
    await file_rights.set_publishable(unit.db, case.case_id, ids)


async def _held(unit: Unit, case: View, action: str) -> View:
    """The case as it is now, nobody else's to change until the end, if it allows `action`."""
    case = await _current(unit, case)
    allowed = allowed_actions(case, unit.now)
    if action not in allowed:
        raise ActionNotAllowed(state=case.state.value, allowed_actions=allowed)
    return case


async def _current(unit: Unit, case: View) -> View:
    if case.state is CaseState.RECEIVED:
        return case
    await view.lock_view(unit.db, case.case_id)
    return await view.find_view(unit.db, TrackingCode(case.tracking_code)) or case


async def _masked(unit: Unit, keys: IntakeKeys, case: View, words: str) -> str:
    """What the citizen wrote, without what is personal, their own name and telephone included."""
    sealed = await register.sealed_of(unit.db, case.case_id)
    return _masked_for(contact_in(keys, case.case_id, sealed), words)


def _masked_for(contact: Contact | None, words: str) -> str:
    return for_department(normalised(without_markup(words)), declared_by(contact))
