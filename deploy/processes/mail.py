"""`huiyin mail`: takes letters out of a mailbox, makes cases of them, and answers that they came.

A letter leaves the mailbox once it is durable: a process that dies before that finds it again, and the same letter is the
same case with the same codes.
"""

import asyncio
import imaplib
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import structlog

from deploy import clock, composition
from deploy.access import loggable_reason
from deploy.composition.acceptance import PostgresKnownKeys, cabinet_of
from deploy.composition.danger_ear import RulesEar
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT
from deploy.database.unit_of_work import unit_of_work
from deploy.mail.mailbox import HELD, Mailbox, MailSession, mailbox_of
from deploy.mail.senders import ANSWERS_PER_HOUR, LETTERS_PER_HOUR, Senders
from deploy.mail.sending import MailServer, PerhapsTaken, mail_server_of
from deploy.messaging.consuming.error_policy import ErrorKind, error_kind
from deploy.messaging.publisher import PatientPublisher
from deploy.notices.letters import bounced_notice
from deploy.notices.store import note_bounced
from deploy.observability import metrics
from deploy.observability.logs import where
from deploy.processes.runtime import Process, unwell, well
from intake.core.letters.letter import Letter, read_letter
from intake.steps.accept import Reception
from intake.steps.answer_letter import danger_letter, receipt_letter
from intake.steps.receive_letter import EnclosuresWait, Fate, LetterBox, Taken, receive_letter
from schemas.bilingual import Bilingual, plain
from schemas.errors import Refused, Unavailable
from schemas.ports import Publisher

log = structlog.get_logger()

#: Letters of one look (project choice: a minute's work, after which the mailbox is opened anew).
_AT_ONCE = 50
#: The same of those whose answer could not be sent, and of names that are listed at all beside those that wait for a reason
#: (project choices: a server that takes no letters is not asked for long, and a mailbox is hardly ever so full).
_ANSWERED_AGAIN = 10
_LISTED = 10_000
#: Of a letter that is too large only so much is read: its words come first, in any program's letters (project choice).
_WORDS_BYTES = 1024 * 1024
#: Folders of the mailbox that letters go to.
_FOLDERS = {
    Fate.ACCEPTED: "Huiyin-taken",
    Fate.SUPPLEMENTED: "Huiyin-taken",
    Fate.AUTOMATIC: "Huiyin-automatic",
    Fate.EMPTY: "Huiyin-empty",
}
#: Too many of one sender wait in the inbox until the hour allows more, so many of each at most (project choice: a person
#: with much to say, or an office behind one address, writes fewer). Whatever comes beyond may be a loop, or somebody who
#: forges the address: a person looks, and moves back what is neither.
_OVER_THE_HOUR = 200
_TOO_LARGE = "Huiyin-too-large"
_REFUSED = "Huiyin-refused"
#: What a mailbox, a mail server or ours may be away with.
_AWAY = (OSError, imaplib.IMAP4.error, Unavailable, *TRANSIENT)


class _Unreachable(Exception):
    """The mailbox could not be opened; its letters wait there."""


class _LettersWait(Exception):
    """Some letters could not be taken, and those behind them were."""


class _SendersWait(Exception):
    """Letters of senders who wrote too many in an hour wait: in the inbox, and in the folder of those that a person sees."""

    def __init__(self, waiting: int, held: int) -> None:
        super().__init__(waiting, held)
        self.waiting, self.held = waiting, held


class _OverTheHour(Exception):
    """Its sender wrote too many within the hour."""

    def __init__(self, sender: str) -> None:
        super().__init__(sender)
        self.sender = sender


class _Unanswered(Exception):
    """The letter is a case, or was added to one, and its answer could not be sent: it waits where it is."""


class _Kept(NamedTuple):
    """Where a letter goes, what became of it, and whose it counts as: once put away, not at each try to."""

    folder: str
    word: str
    writer: str | None = None


async def mail(process: Process) -> None:
    """Until the process stops; a mailbox or a server that is away is a state, not an end."""
    async with (
        RelayNotifier(process.pool).running() as notifier,
        PatientPublisher(process.settings) as publisher,
    ):
        door = MailDoor(process, publisher, notifier)
        while not process.stopping.is_set():
            await door.turn()
            await process.pause(process.settings.mail_seconds)


class MailDoor:
    """One look into the mailbox after the other."""

    def __init__(self, process: Process, publisher: Publisher, notifier: RelayNotifier) -> None:
        settings = process.settings
        self._process = process
        self._notifier = notifier
        self._mailbox: Mailbox = mailbox_of(settings)
        self._server: MailServer | None = mail_server_of(settings)
        #: Those of the mailbox that are taken already, whose answer could not be sent; after a restart they are taken again,
        #: which changes nothing.
        self._unanswered: set[str] = set()
        self._writers, self._answered = Senders(LETTERS_PER_HOUR), Senders(ANSWERS_PER_HOUR)
        #: Answers that were handed in, by their id, where nobody said whether they were taken.
        self._perhaps_answered: set[str] = set()
        #: Those of a sender who has written too many within the hour, with whom that is, and how many of each.
        self._over: dict[str, str] = {}
        self._over_of: Counter[str] = Counter()
        #: Those that could not be taken at the last try, which wait behind all others; the longest untried first.
        self._set_aside: dict[str, None] = {}
        #: Those of them that broke us: a person looks, and so does whoever mends us.
        self._broken: set[str] = set()
        self._box = LetterBox(
            reception=Reception(
                keys=composition.intake_keys(settings),
                publisher=publisher,
                known_keys=PostgresKnownKeys(process.pool),
                public_url=settings.base_url,
                cabinet=cabinet_of(settings, process.pool),
                ear=RulesEar(partial(composition.routing_rules, settings)),
            ),
            open_unit=partial(
                unit_of_work,
                process.pool,
                prefix=settings.topic_prefix,
                audit_key=composition.audit_key(settings),
            ),
            name=self._mailbox.name,
            entropy=secrets.token_bytes,
        )

    async def turn(self) -> None:
        """Take what waits, the oldest first; what fails waits for the next look, and then for its turn behind the others."""
        try:
            await self._take_waiting()
            self._process.health |= well()
        except _Unreachable as unreachable:
            kind = type(unreachable.__cause__).__name__
            why = Bilingual(
                zh=f"邮箱无法打开（{kind}）；请看：huiyin doctor",
                en=f"the mailbox cannot be opened ({kind}); see: huiyin doctor",
            )
            self._process.health |= unwell(why)
            log.warning("mail.unreachable", error=kind)
        except _LettersWait:
            self._process.health |= unwell(self._why_some_wait())
        except _SendersWait as wait:
            why = Bilingual(
                zh=f"同一发件人来信过多：{wait.waiting} 封在收件箱按小时续收，{wait.held} 封在 {HELD}，请人工查看，"
                "不是循环或冒名的移回收件箱",
                en=f"too many letters of one sender: {wait.waiting} wait in the inbox for their hour, "
                f"{wait.held} lie in {HELD}:"
                " look, and move back to the inbox what is neither a loop nor forged",
            )
            self._process.health |= unwell(why)
        except _AWAY as error:
            self._process.health |= unwell(plain(type(error).__name__))
            log.warning("mail.failed", error=type(error).__name__, reason=loggable_reason(error))

    def _why_some_wait(self) -> Bilingual:
        if broken := len(self._broken):
            return Bilingual(
                zh=f"{broken} 封来信处理出错，留在收件箱，其余照常接收；请看日志 mail.broken",
                en=f"{broken} letters break us and stay in the inbox, the others are taken; see mail.broken in the log",
            )
        count = len(self._set_aside)
        return Bilingual(
            zh=f"{count} 封来信等待处理：附件暂时无法保存；请看：huiyin doctor",
            en=f"{count} letters wait: their files cannot be kept now; see: huiyin doctor",
        )

    async def _take_waiting(self) -> None:
        opened = self._mailbox.opened()
        try:
            session = await asyncio.to_thread(opened.__enter__)
        except (OSError, imaplib.IMAP4.error) as error:
            raise _Unreachable from error
        try:
            # What waits for its hour, its answer or its files keeps nobody's letter behind it from being seen.
            known = len(self._over) + len(self._unanswered) + len(self._set_aside)
            names = await asyncio.to_thread(session.waiting, _LISTED + known)
            await self._take_each(session, self._next(names))
        finally:
            await asyncio.to_thread(opened.__exit__, None, None, None)

    async def _take_each(self, session: MailSession, names: Sequence[str]) -> None:
        """One letter whose files nobody takes now, or that breaks us, holds up no other; whatever else fails ends the look.

        Raises:
            _LettersWait: there was such a letter.
            _SendersWait: there are letters of senders who wrote too many.
        """
        tried_again = frozenset(self._set_aside)
        for name in names:
            if self._process.stopping.is_set():
                return
            try:
                await self._take(session, name)
                self._set_aside.pop(name, None)
                self._broken.discard(name)
            except _AWAY as error:
                self._try_later(name)
                if not isinstance(error, EnclosuresWait):
                    raise
                log.warning("mail.set-aside", error=type(error.__cause__).__name__)
                if name in tried_again:
                    break
            except Exception as error:
                if error_kind(error) is not ErrorKind.DATA:
                    raise
                self._try_later(name)
                if name not in self._broken:
                    self._broken.add(name)
                    log.error("mail.broken", letter=name, error=type(error).__name__, where=where(error))
        if self._set_aside:
            raise _LettersWait
        held = await asyncio.to_thread(session.lying_in, HELD)
        if self._over or held:
            raise _SendersWait(len(self._over), held)

    def _try_later(self, name: str) -> None:
        self._set_aside.pop(name, None)
        self._set_aside[name] = None

    def _next(self, names: Sequence[str]) -> Sequence[str]:
        """First what nobody has tried to take; then what could not be taken; then cases whose answer could not be sent.

        In between those whose sender's hour allows more.
        """
        there = set(names)
        self._over = {name: sender for name, sender in self._over.items() if name in there}
        self._over_of = Counter(self._over.values())
        self._unanswered &= there
        self._broken &= there
        self._set_aside = {name: None for name in self._set_aside if name in there}
        seen = self._unanswered | self._over.keys() | self._set_aside.keys()
        fresh = [name for name in names if name not in seen]
        allowed = [name for name, sender in self._over.items() if self._writers.may(sender, time.monotonic())]
        late = [name for name in names if name in self._unanswered and name not in self._set_aside]
        return [
            *fresh[:_AT_ONCE],
            *allowed[:_AT_ONCE],
            *[*self._set_aside][:_AT_ONCE],
            *late[:_ANSWERED_AGAIN],
        ]

    async def _take(self, session: MailSession, name: str) -> None:
        raw = await asyncio.to_thread(session.fetch, name, self._process.settings.mail_max_bytes + 1)
        if raw is None:
            return
        try:
            kept = await self._kept(raw)
        except _Unanswered:
            self._unanswered.add(name)
            return
        except _OverTheHour as over:
            if name in self._over:
                return
            if self._over_of[over.sender] < _OVER_THE_HOUR:
                self._over[name] = over.sender
                self._over_of[over.sender] += 1
                return
            kept = _Kept(HELD, "held")
        self._over.pop(name, None)
        await asyncio.to_thread(session.settle, name, kept.folder)
        if kept.writer is not None:
            self._writers.count(kept.writer, time.monotonic())
        metrics.LETTERS.labels(kept.word).inc()
        log.info("mail.taken", fate=kept.word)

    async def _kept(self, raw: bytes) -> _Kept:
        """Where the letter goes, and what became of it, once that is durable.

        Raises:
            _Unanswered: it is, and whoever wrote it could not be told so far.
            _OverTheHour: nothing became of it, so far.
        """
        letter = await asyncio.to_thread(self._read, raw)
        if letter.automatic:
            await self._note_bounce(raw)
        if not letter.automatic and not self._writers.may(letter.sender, time.monotonic()):
            raise _OverTheHour(letter.sender)
        try:
            taken = await receive_letter(self._box, letter, clock.now())
        except Refused as refusal:
            log.error("mail.refused", reason=refusal.code)
            return _Kept(_REFUSED, "refused")
        if taken.fate is Fate.SUPPLEMENTED:
            self._notifier.notify()
        await self._answer(letter, taken)
        writer = None if letter.automatic else letter.sender
        if letter.is_cut and taken.fate is not Fate.AUTOMATIC:
            return _Kept(_TOO_LARGE, "too-large", writer)
        return _Kept(_FOLDERS[taken.fate], taken.fate.value, writer)

    async def _note_bounce(self, raw: bytes) -> None:
        """Note that a notice of ours came back and was not delivered, though the next server had accepted it."""
        if (found := bounced_notice(raw)) is None:
            return
        async with self._process.pool.acquire() as db:
            if await note_bounced(db, found[0], clock.now(), found[1]):
                log.warning("notice.bounced", notice=found[0], status=found[1])

    def _read(self, raw: bytes) -> Letter:
        """The letter; of one that is too large its words."""
        settings = self._process.settings
        if len(raw) <= settings.mail_max_bytes:
            return read_letter(raw, own_address=settings.mail_address)
        letter = read_letter(raw[:_WORDS_BYTES], own_address=settings.mail_address)
        return msgspec.structs.replace(letter, enclosures=(), is_cut=True)

    async def _answer(self, letter: Letter, taken: Taken) -> None:
        """Tell the sender of a letter that it arrived, unless that might be a program."""
        if self._server is None or not letter.is_answerable or not (taken.receipt or taken.call_now):
            return
        if not self._answered.may(letter.sender, time.monotonic()):
            return
        own = self._process.settings.mail_address
        if taken.receipt is None:
            answer = danger_letter(
                letter, taken.call_now, own_address=own, language=taken.language, at=clock.now()
            )
        else:
            answer = receipt_letter(letter, taken.receipt, own_address=own, language=taken.language)
        try:
            if not await self._server.send(answer):
                log.warning("mail.answer-refused")
        except OSError as error:
            log.warning("mail.answer-failed", error=type(error).__name__)
            if not isinstance(error, PerhapsTaken) or self._may_answer_again(answer["Message-ID"]):
                raise _Unanswered from error
        self._answered.count(letter.sender, time.monotonic())

    def _may_answer_again(self, answer: str) -> bool:
        """An answer that may have arrived is sent once more, lest what it says is lost, and no third time."""
        is_first = answer not in self._perhaps_answered
        (self._perhaps_answered.add if is_first else self._perhaps_answered.discard)(answer)
        return is_first
