"""The tables that sla alone owns."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlmodel import Field, SQLModel

from sla.call_back_tables import CallBackDayRow as CallBackDayRow
from sla.call_back_tables import CallBackRow as CallBackRow
from sla.exclusion_tables import ExclusionRow as ExclusionRow
from sla.sum_tables import CountedRow as CountedRow
from sla.sum_tables import TallyRow as TallyRow

_SCHEMA = "sla"


def _when(*, needed: bool = False) -> Any:
    return Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=not needed))


def _words(*, needed: bool = False, default: str | None = None) -> Any:
    server_default = None if default is None else text(f"'{default}'")
    return Field(sa_column=Column(Text, nullable=not needed, server_default=server_default))


def _number(default: int = 0) -> Any:
    return Field(sa_column=Column(Integer, nullable=False, server_default=text(str(default))))


def _flag() -> Any:
    return Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))


def _case_key() -> Any:
    return Field(sa_column=Column(PGUUID(as_uuid=True), primary_key=True))


#: What an earlier release takes out of all numbers beside this one keeps no tags either: it knows no such column.
_NO_TAGS_ONCE_PRIVATE: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION sla.leave_no_tags() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.tags = '{}'; RETURN NEW; END $$""",
    """CREATE OR REPLACE TRIGGER case_has_no_tags_once_private BEFORE UPDATE ON sla."case"
    FOR EACH ROW WHEN (NEW.private AND NEW.tags <> '{}') EXECUTE FUNCTION sla.leave_no_tags()""",
)


#: An earlier release says what a case is without the version of that: whatever is older than its assignment says it no more.
_NOTE_FACTS: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION sla.note_facts() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.facts_version = NEW.lead_version; RETURN NEW; END $$""",
    """CREATE OR REPLACE TRIGGER case_knows_what_an_older_release_says BEFORE UPDATE ON sla."case"
    FOR EACH ROW WHEN (NEW.lead IS NOT NULL AND NEW.lead_version > OLD.lead_version
        AND NEW.facts_version = OLD.facts_version AND NEW.facts_version < NEW.lead_version)
    EXECUTE FUNCTION sla.note_facts()""",
    """CREATE OR REPLACE TRIGGER case_knows_what_an_older_release_began BEFORE INSERT ON sla."case"
    FOR EACH ROW WHEN (NEW.lead IS NOT NULL AND NEW.facts_version < NEW.lead_version) EXECUTE FUNCTION sla.note_facts()""",
)


class CaseRow(SQLModel, table=True):
    """What figures need to know of a case; no text of it."""

    __tablename__ = "case"
    __table_args__ = (
        # Hot topics read a span of days.
        Index("case_received_at", "received_at"),
        # Figures read these one by one, and of all others the sums.
        # Those that stand in no figure: few.
        Index("case_private", "received_at", "case_id", postgresql_where=text("private")),
        Index("case_unsettled", "received_at", postgresql_where=text("NOT settled")),
        # Once a day what was closed on one. By blocks: closing a case costs no entry, and stays in its row.
        Index("case_closed_at", "closed_at", postgresql_using="brin"),
        # Updated on dispatch, reply and closing: room to do so in place.
        {
            "schema": _SCHEMA,
            "postgresql_with": {"fillfactor": "80"},
            "info": {"after_create": (*_NO_TAGS_ONCE_PRIVATE, *_NOTE_FACTS)},
        },
    )

    case_id: UUID = _case_key()
    tracking_code: str | None = _words()
    channel: str | None = _words()
    kind: str | None = _words()
    urgency: str | None = _words()
    category: str | None = _words()
    #: Of the dispatch catalogue (事项); null where none is clear, and of what stands in no number.
    item: str | None = _words()
    #: Time, people and nature (标签); none of what stands in no number.
    tags: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    #: When the desk last said them; null where it has not since this is kept.
    tags_at: datetime | None = _when()
    lead: str | None = _words()
    region: str | None = _words()
    received_at: datetime | None = _when()
    assigned_at: datetime | None = _when()
    replied_at: datetime | None = _when()
    closed_at: datetime | None = _when()
    #: `answered`, `declined`, `merged`, `withdrawn`.
    outcome: str | None = _words()
    #: Working days from the assignment to the reply; a part of a day is a part.
    reply_workdays: float | None = Field(default=None, sa_column=Column(Double, nullable=True))
    #: The version last seen.
    version: int = _number(1)
    #: Of what last said where the case stands: what is older changes nothing any more. 0: of before it was kept.
    state_version: int = _number()
    #: Of what last said who leads, or that a dispatcher has it again.
    lead_version: int = _number()
    #: Of what last said what it is: kind, urgency, category, item and district. 0: of before it was kept.
    facts_version: int = _number()
    urged: int = _number()
    supervised: bool = _flag()
    #: The departments that have led it, in order, each once; empty in rows of before it was kept.
    leads: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    #: It has ended, and is in the sums of the figures as it is now.
    settled: bool = _flag()
    #: Told in confidence, a report, or accusing somebody: it is in no number, since a number of one would tell of it.
    private: bool = _flag()


class DeedRow(SQLModel, table=True):
    """What happened to a case that figures count, where the case's own row does not say it."""

    __tablename__ = "deed"
    __table_args__ = (
        Index("deed_case", "case_id", "seq"),
        # Once a day the ratings of one; by blocks, since rows come in the order of time.
        Index("deed_at", "at", postgresql_using="brin"),
        {"schema": _SCHEMA},
    )

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    case_id: UUID = Field(sa_column=Column(PGUUID(as_uuid=True), nullable=False))
    at: datetime = _when(needed=True)
    #: As `sla/core/lives.py` names it.
    what: str = _words(needed=True)
    #: Who had the case.
    department: str | None = _words()
    value: int = _number()


class ReportRow(SQLModel, table=True):
    """The figures of a day, a week or a month, as they were when they were told."""

    __tablename__ = "report"
    __table_args__ = (
        Index("report_days", "period", "first", "edition", unique=True),
        # The latest days first.
        Index("report_last", "last", "seq"),
        {"schema": _SCHEMA},
    )

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    period: str = _words(needed=True)
    first: date = Field(sa_column=Column(Date, nullable=False))
    last: date = Field(sa_column=Column(Date, nullable=False))
    edition: int = _number(1)
    made_at: datetime = _when(needed=True)
    #: Empty: made by itself.
    made_by: str = _words(needed=True, default="")
    #: Of an erratum: why.
    reason: str = _words(needed=True, default="")
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class ClockRow(SQLModel, table=True):
    """One clock of one case, with the terms it runs under: a later rules file does not touch it."""

    __tablename__ = "clock"
    __table_args__ = (
        # The sweeper: whatever has an alert to come. Stopped clocks are not in it.
        Index("clock_next_alert_at", "next_alert_at", postgresql_where=text("next_alert_at IS NOT NULL")),
        # /watch: only clocks whose warning has passed, so that starting one does not touch it.
        Index(
            "clock_pressing",
            "due_at",
            postgresql_where=text("state = 'running' AND next_level IS DISTINCT FROM 'near'"),
        ),
        # The same of one department, or of none: of a city with thousands of them the few of one.
        Index(
            "clock_pressing_department",
            "department",
            "due_at",
            "case_id",
            "clock",
            postgresql_where=text("state = 'running' AND next_level IS DISTINCT FROM 'near'"),
        ),
        # What was promised, the first due first.
        Index("clock_promise", "due_at", "case_id", postgresql_where=text("clock = 'promise'")),
        # Recomputing when a year is announced.
        Index("clock_provisional", "case_id", postgresql_where=text("provisional AND state <> 'stopped'")),
        {"schema": _SCHEMA, "postgresql_with": {"fillfactor": "90"}},
    )

    case_id: UUID = _case_key()
    clock: str = Field(sa_column=Column(Text, primary_key=True))
    state: str = _words(needed=True)
    department: str | None = _words()
    #: Whose time it is; null in rows of before clocks had other owners than these two (dispatch: the dispatcher's).
    owner: str | None = _words()
    started_at: datetime = _when(needed=True)
    due_at: datetime = _when(needed=True)
    near_at: datetime | None = _when()
    escalate_at: datetime | None = _when()
    next_alert_at: datetime | None = _when()
    next_level: str | None = _words()
    deadline_version: int = _number(1)
    #: `general@2026-1`
    rule: str = _words(needed=True)
    allow: str = _words(needed=True)
    near: str | None = _words()
    escalate_after: str | None = _words()
    provisional: bool = _flag()
    #: What it is counted by, as `sla/core/calendars.py` writes it; null: the city's calendar.
    calendar: str | None = _words()
    #: The first breach ever; nothing takes it back.
    missed_at: datetime | None = _when()
    #: The latest deadline version that was missed.
    missed_version: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    stopped_at: datetime | None = _when()


class HistoryRow(SQLModel, table=True):
    """What moved a deadline, and why: pauses, extensions, new assignments, new calendars."""

    __tablename__ = "history"
    # Read per case, in order.
    __table_args__ = (Index("history_case", "case_id", "seq"), {"schema": _SCHEMA})

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    case_id: UUID = Field(sa_column=Column(PGUUID(as_uuid=True), nullable=False))
    clock: str = _words(needed=True)
    at: datetime = _when(needed=True)
    what: str = _words(needed=True)
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))


#: As `watching.alerts` says it, and Postgres writes it.
_WHOSE = text(
    "(\nCASE\n    WHEN (COALESCE(owner, 'lead'::text) = ANY (ARRAY['lead'::text, 'supporting'::text])) "
    "AND department IS NULL THEN 'dispatcher'::text\n    ELSE COALESCE(owner, 'lead'::text)\nEND)"
)


class AlertRow(SQLModel, table=True):
    """One alert; its key is what makes each fire exactly once."""

    __tablename__ = "alert"
    __table_args__ = (
        # Newest first, page by page.
        Index("alert_seq", "seq", unique=True),
        Index("alert_department", "department", "seq"),
        # The same of a level, as `watching.alerts` says it: one that is rare is found all the same.
        Index("alert_level", text("split_part(level, '.', 1)"), "seq"),
        # And whose it is: those of supervisors are few among the departments'.
        Index("alert_owner", _WHOSE, "seq"),
        {"schema": _SCHEMA},
    )

    case_id: UUID = _case_key()
    clock: str = Field(sa_column=Column(Text, primary_key=True))
    #: Those after the first are numbered: `escalated`, `escalated.2`; `reminded.1`, `reminded.2`.
    level: str = Field(sa_column=Column(Text, primary_key=True))
    deadline_version: int = Field(sa_column=Column(Integer, primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    department: str | None = _words()
    owner: str | None = _words()
    due_at: datetime = _when(needed=True)
    raised_at: datetime = _when(needed=True)
    #: Of an escalation: who was told.
    to_role: str | None = _words()
    to_person: str | None = _words()


class WithdrawnBreachRow(SQLModel, table=True):
    """A breach that was taken back, because what came before it was heard only later."""

    __tablename__ = "withdrawal"
    __table_args__ = ({"schema": _SCHEMA},)

    case_id: UUID = _case_key()
    clock: str = Field(sa_column=Column(Text, primary_key=True))
    deadline_version: int = Field(sa_column=Column(Integer, primary_key=True))
    due_at: datetime = _when(needed=True)
    at: datetime = _when(needed=True)
    #: The event that contradicts it, and when that happened.
    why: str = _words(needed=True)
    happened_at: datetime = _when(needed=True)


class SupervisionRow(SQLModel, table=True):
    """What a supervisor asked of the department of a case (督办要求), and what it reported."""

    __tablename__ = "supervision"
    __table_args__ = (
        # What is not settled, the first due first.
        Index(
            "supervision_unsettled",
            text("COALESCE(until, at)"),
            "case_id",
            postgresql_where=text("state IN ('open', 'reported')"),
        ),
        {"schema": _SCHEMA},
    )

    case_id: UUID = _case_key()
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = _when(needed=True)
    by: str = _words(needed=True)
    #: As departments read it.
    text: str = _words(needed=True)
    #: By when the department reports; null where the city's rules state no term.
    until: datetime | None = _when()
    #: `open`, `reported`, `accepted`, `again` (another order followed), `ended` (the case did first).
    state: str = _words(needed=True)
    #: Who reported, what and when.
    department: str | None = _words()
    report: str | None = _words()
    reported_at: datetime | None = _when()
    settled_at: datetime | None = _when()
    settled_by: str | None = _words()


class CalendarDayRow(SQLModel, table=True):
    """A day that somebody with the authority declared worked or off."""

    __tablename__ = "calendar_day"
    __table_args__ = ({"schema": _SCHEMA},)

    calendar: str = Field(sa_column=Column(Text, primary_key=True))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    is_workday: bool = Field(sa_column=Column(Boolean, nullable=False))
    name: str = _words(needed=True, default="")
    #: `notice`: part of a year's announcement; `local`: this city alone.
    source: str = _words(needed=True)


class CalendarChangeRow(SQLModel, table=True):
    """Days that were imported, and whether every deadline that crosses them was computed anew."""

    __tablename__ = "calendar_change"
    __table_args__ = ({"schema": _SCHEMA},)

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    calendar: str = _words(needed=True)
    at: datetime = _when(needed=True)
    first_day: date = Field(sa_column=Column(Date, nullable=False))
    last_day: date = Field(sa_column=Column(Date, nullable=False))
    #: Why, as histories quote it: which notice, which local day.
    reason: str = _words(needed=True)
    settled_at: datetime | None = _when()


class RulesTextRow(SQLModel, table=True):
    """A rules file that was good when it was read: what is used while the present one is not."""

    __tablename__ = "rules_text"
    __table_args__ = ({"schema": _SCHEMA},)

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = _when(needed=True)
    version: str = _words(needed=True)
    text: str = _words(needed=True)
