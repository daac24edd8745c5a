"""The interfaces between a slice and what is outside it: a unit of work, a publisher, subscriptions, other slices' data.

Each protocol says when its methods are called, what they may raise, and what an implementation must guarantee. `deploy`
implements them on Kafka and Postgres, tests in memory.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from schemas.event import Event
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Notice
from schemas.values import (
    Callee,
    CaseLife,
    CaseMatter,
    CaseView,
    ClockReading,
    Contact,
    DangerLook,
    EntryFacts,
    GrowingTopic,
    KeptFromAll,
    LiveEntry,
    MadeEntry,
    NearAnswer,
    OwnHours,
    ShownPart,
    ViewCount,
)


class Database(Protocol):
    """The part of an asyncpg connection that stores use, inside the unit's transaction.

    One statement at a time: a second one before the first has ended is an error. After a failed statement the
    transaction takes no other, so code that catches the error must let the unit end. Stores neither begin nor commit
    transactions.

    Each method raises asyncpg's errors unchanged. A step does not catch them: the edge knows which of them a retry may
    mend, and rolls back in any case.
    """

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement without reading rows; returns Postgres' command tag, such as `UPDATE 3`."""
        ...

    async def fetch(self, query: str, *args: object) -> list[Any]:
        """All rows, each a mapping by column name."""
        ...

    async def fetchrow(self, query: str, *args: object) -> Any:
        """The first row, or None where there is none."""
        ...

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first column of the first row, or None where there is no row."""
        ...


class Unit(Protocol):
    """One transaction: a step's changes and the events that it emits are committed together, or not at all.

    The edge opens a unit for each request or batch, passes it to steps, and ends it: it commits when the last step has
    returned, and rolls back when one raised, events included. A unit must not be used after its end, nor by two tasks at
    once.

    An implementation guarantees: events reach Kafka if and only if the transaction was committed, those of one case in
    the order of `emit`, each at least once and always with the same id.
    """

    @property
    def db(self) -> Database:
        """The open transaction. Steps never commit it; the edge does."""
        ...

    @property
    def now(self) -> datetime:
        """The moment of this unit, aware, UTC; the same however often it is asked."""
        ...

    def emit(self, event: Event, *, to: DepartmentCode | None = None) -> None:
        """Publish `event` on its producer's topic, or on one department's own, once the unit commits.

        Returns at once and raises nothing. The caller has locked the case's row, so that no other unit emits events of
        the case in between.
        """
        ...

    def notify(self, notice: Notice) -> None:
        """Send `notice` to its audience once the unit commits: once to each recipient, however often this is called.

        Returns at once and raises nothing. Nothing is stored if nobody in the audience has an address.
        """
        ...

    def continue_trace(self, case_id: CaseId, traceparent: str | None) -> None:
        """Put events about this case into that trace (a W3C traceparent) from here on; None changes nothing."""
        ...

    def seal(self, text: bytes) -> bytes:
        """HMAC-SHA-256 of `text` under a key that is not in the database, which alone does not suffice to make it."""
        ...

    def trace_of(self, case_id: CaseId) -> str | None:
        """The trace that events about this case belong to, as a W3C traceparent; None where there is none."""
        ...


class Publisher(Protocol):
    """Sends an event to Kafka with no database beside it: only `submission.accepted` goes this way.

    Called by many requests at once. When `publish` returns, the citizen is told that the message was received, which an
    implementation must make certain; when it raises, that it was not. After it raised, the event may still arrive: the
    caller sends it again under the same case id.
    """

    async def publish(self, event: Event) -> None:
        """Return once Kafka has it on all in-sync replicas.

        Raises:
            Unavailable: Kafka did not confirm in time.
        """
        ...


#: A step that handles events of one type, in the open transaction, at most one event of each case in a call. An exception
#: rolls everything back. `DataRefused`, or a defect, makes a dead letter of the one event to blame, found by calling again
#: with fewer events; a transient error is retried. So a step must do nothing that a rollback does not undo.
Step = Callable[..., Awaitable[None]]
#: Pure work that a step needs first, done in a thread: takes events, returns a value for each, in order. Raises as a step.
Prepare = Callable[[Sequence[Any]], Sequence[Any]]
#: For each event: why it must be refused as its sender's fault, in one short word, or None where the step may have it.
#: Called before the step, in a unit of its own, and again when a batch is halved; it writes nothing.
ValidateSenders = Callable[[Unit, Sequence[Any]], Awaitable[Sequence[str | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """A record that an outsider wrote and that is no event of ours, with the reason in one short word."""

    headers: Mapping[str, bytes | None]
    key: bytes | None
    value: bytes | None
    #: When the broker took it.
    taken_at: datetime
    reason: str


#: Makes an event of such a record, so that a step can tell its sender what is wrong; None: it becomes a dead letter.
ReadFaulty = Callable[[RefusedRecord], Event | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One line of a slice's table: an event type, and the function that handles it.

    `step(unit, events)`, or `step(unit, events, prepared)` where `prepare` is given. `prepare` runs outside the
    transaction and off the event loop; it must be a picklable module-level function (or partial of one).
    """

    event: type[Event]
    step: Step
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One consumer group of a slice: the topics it reads and what it does with each event type.

    Event types that are not listed are skipped. `validate_senders` is set only for topics that outsiders may write: steps
    get the events that pass it, and what does not pass, or is no event at all, can never stop the consumer; `read_faulty`
    finds what can be answered among the latter. `patience_seconds`: how long an event may wait for others while several
    cases are in progress, so that one transaction serves them all; longer where nobody waits for the steps' result.
    """

    name: str
    topics: Sequence[str]
    handlers: Sequence[Handler]
    validate_senders: ValidateSenders | None = None
    read_faulty: ReadFaulty | None = None
    patience_seconds: float = 0.0
    table: Mapping[type[Event], Handler] = field(init=False)

    def __post_init__(self) -> None:
        table = {line.event: line for line in self.handlers}
        if len(table) != len(self.handlers):
            raise ValueError(f"{self.name} hears one event twice")
        object.__setattr__(self, "table", table)


class Contacts(Protocol):
    """The citizen's contact details, which intake alone keeps.

    Called by another slice's step, in that step's own unit, so that what is audited and what is shown are one transaction.
    """

    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        """Decrypt them; None where the citizen left none, or intake knows no such case.

        The caller has checked that whoever asks may see them, and has written down who and why.
        """
        ...


class LiveEntries(Protocol):
    """The knowledge entries that everybody may read now, which intake keeps."""

    async def find(self, unit: Unit, entry_id: str) -> LiveEntry | None:
        """The entry, if it holds now."""
        ...

    async def nearest(self, unit: Unit, text: str) -> Sequence[LiveEntry]:
        """A few that fit this text, the best first."""
        ...


class KnowledgeFacts(Protocol):
    """What routing and handlers know of knowledge entries, for the figures of knowledge."""

    async def of(self, unit: Unit, since: datetime) -> EntryFacts:
        """Since that moment, and how it stands now; nothing of what is kept to those who handle it."""
        ...


class NearAnswers(Protocol):
    """Earlier answers like a case, for those who handle it: only what everybody may read."""

    async def beside(self, unit: Unit, title: str, text: str, *, but: str) -> Sequence[NearAnswer] | None:
        """Three at most, the nearest first, none of them of the case `but`; None where nobody could say in time."""
        ...


class PublicAnswers(Protocol):
    """What everybody reads of a case, as intake alone knows: what its citizen, and staff, keep from them is not in it."""

    async def response(self, unit: Unit, case_id: CaseId) -> str | None:
        """The answer; None where nobody else reads it now."""
        ...

    async def message(self, unit: Unit, case_id: CaseId) -> tuple[str, str] | None:
        """Title and text as everybody reads them, or would beside the first answer; None of what is for nobody else."""
        ...

    async def hidden(self, unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[str]:
        """The words that staff hide in these cases besides: nothing that is published may say them."""
        ...

    async def limits(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, KeptFromAll]:
        """What staff keep of these cases from everybody; of those alone of which they decided anything."""
        ...


class CaseEntries(Protocol):
    """The knowledge entries that were made from cases, which handlers alone knows."""

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[MadeEntry]:
        """Those of these cases that have not ended."""
        ...


class CaseClocks(Protocol):
    """The clocks of a case, which sla alone keeps."""

    async def of(self, unit: Unit, case_id: CaseId) -> Sequence[ClockReading]:
        """Those that run or stand still now, the first due first; none of a case that has ended."""
        ...

    def hours_of(self, department: DepartmentCode) -> OwnHours | None:
        """The hours that this department keeps; None: the city's."""
        ...


class ViewCounts(Protocol):
    """What is written down of who looked at a case: for its citizen a number, for supervisors the rows."""

    async def count(self, unit: Unit, case_id: CaseId) -> ViewCount:
        """How often staff opened it; its lines in lists and alerts are not counted."""
        ...

    async def latest(self, unit: Unit, case_id: CaseId) -> Sequence[CaseView]:
        """Who looked, the newest first: each of the latest times that it was opened, lines of lists by person."""
        ...


class CaseMatters(Protocol):
    """Citizens' messages, masked, which routing alone keeps for every case: for staff who watch all departments' cases.

    Nothing of a case that is kept to those who handle it: one that is confidential, a report, accuses somebody, or was
    merged with another.
    """

    async def titles(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
        """The titles of those that may be read."""
        ...

    async def of(self, unit: Unit, case_id: CaseId) -> CaseMatter | None:
        """One of them; None where it may not be read, or is not known."""
        ...

    async def looks(self, unit: Unit, case_id: CaseId) -> Sequence[DangerLook]:
        """Who has looked at the danger that its citizen told of since: of every case, and nothing of what they told."""
        ...


class CaseReaders(Protocol):
    """Which department has a case on its desk, which handlers alone knows."""

    async def has(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        """Whether it leads or supports it now, and nothing of it is withheld from it."""
        ...


class CaseParts(Protocol):
    """What supporting departments were asked for, and contributed, as handlers alone keeps it: for who reviews the reply."""

    async def of(self, unit: Unit, case_id: CaseId) -> Sequence[ShownPart]:
        """Every part of the case, the oldest first."""
        ...


class CaseLives(Protocol):
    """What became of cases since departments have them, which handlers alone keeps; the same cases are kept from view."""

    @property
    def happened(self) -> Mapping[str, str]:
        """The Chinese words for each `CaseStep.event`; English ones stand in the catalogue."""
        ...

    async def of(self, unit: Unit, case_id: CaseId) -> CaseLife | None:
        """One of them; None where it may not be read, or no department has had it."""
        ...


class Authors(Protocol):
    """Who wrote, as far as two messages can be told to be one person's. intake alone knows."""

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, bytes]:
        """A keyed hash for each case whose author left anything to be known by; the same for the same person."""
        ...


class Callers(Protocol):
    """Which cases came from one telephone. intake alone knows."""

    async def earlier(self, unit: Unit, case_id: CaseId) -> Sequence[CaseId]:
        """Other cases from the telephone of this one, the latest first; a bounded number, none where it left no number."""
        ...

    async def of_telephone(self, unit: Unit, telephone: str) -> Sequence[CaseId]:
        """Cases from this telephone, the latest first; a bounded number."""
        ...


class Callees(Protocol):
    """How citizens may be asked back, which intake knows, and whose cases are kept from view, which routing knows."""

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Callee]:
        """Each case that both know. What they left is opened for this alone, and none of it is told."""
        ...


class GrowingTopics(Protocol):
    """The topics that grow, which routing alone finds."""

    async def hot(self, unit: Unit) -> Sequence[GrowingTopic]:
        """Those that are early warnings now, the hottest first."""
        ...
