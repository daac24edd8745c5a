"""What a slice is given from outside: a unit of work, a publisher, and how it says what it hears."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from schemas.event import Event
from schemas.ids import CaseId, DepartmentCode
from schemas.values import Contact


class Database(Protocol):
    """The part of an asyncpg connection that stores use. Always inside the unit's transaction."""

    async def execute(self, query: str, *args: object) -> str: ...
    async def fetch(self, query: str, *args: object) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: object) -> Any: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...


class Unit(Protocol):
    """One transaction: what a step changes and what it says leave together, or not at all."""

    @property
    def db(self) -> Database:
        """The open transaction. Steps never commit it; the edge does."""
        ...

    @property
    def now(self) -> datetime:
        """The moment of this unit, aware, UTC."""
        ...

    def emit(self, event: Event, *, to: DepartmentCode | None = None) -> None:
        """Publish `event` on its producer's topic, or on one department's own, once the unit commits."""
        ...

    def continue_trace(self, case_id: CaseId, traceparent: str | None) -> None:
        """Events about this case belong to that trace."""
        ...

    def trace_of(self, case_id: CaseId) -> str | None:
        """The trace that the event being handled belongs to, as a W3C traceparent."""
        ...


class Publisher(Protocol):
    """Sends an event to Kafka with no database beside it: only `submission.accepted` goes this way."""

    async def publish(self, event: Event) -> None:
        """Return once Kafka has it on all in-sync replicas.

        Raises:
            Unavailable: Kafka did not confirm in time.
        """
        ...


#: A step that handles events of one type. Each call holds at most one event of any case, in order.
Step = Callable[..., Awaitable[None]]
#: Pure work that a step needs first, done off the event loop: events in, one value for each out.
Prepare = Callable[[Sequence[Any]], Sequence[Any]]
#: Why each event is its sender's fault alone, in one short word; None where a step may have it. Writes nothing.
ValidateSenders = Callable[[Unit, Sequence[Any]], Awaitable[Sequence[str | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One line of a slice's table: this event type, this function.

    `step(unit, events)`, or `step(unit, events, prepared)` where `prepare` is given. `prepare` runs outside the
    transaction and off the event loop; it must be a picklable module-level function (or partial of one).
    """

    event: type[Event]
    step: Step
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One consumer group of a slice: the topics it reads and what it does with each event type.

    Types that are published there but not listed are passed over. `validate_senders` stands where others than our own
    slices write the topics, and only there: the steps get what passed it, and what did not pass, or is no event at
    all, can never stop the consumer.
    """

    name: str
    topics: Sequence[str]
    handlers: Sequence[Handler]
    validate_senders: ValidateSenders | None = None
    table: Mapping[type[Event], Handler] = field(init=False)

    def __post_init__(self) -> None:
        table = {line.event: line for line in self.handlers}
        if len(table) != len(self.handlers):
            raise ValueError(f"{self.name} hears one event twice")
        object.__setattr__(self, "table", table)


class Contacts(Protocol):
    """The citizen's contact details, which intake alone keeps."""

    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        """Decrypt them; None where the citizen left none. The caller has checked and audited who asks and why."""
        ...
