"""The tables that running needs: inbox, outbox, what each process says of itself, and who looked at which case."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field, SQLModel


class Inbox(SQLModel, table=True):
    """An event that a consumer has handled: it will not be handled again."""

    __tablename__ = "inbox"
    __table_args__ = (
        # Pruning deletes by age.
        Index("inbox_handled_at", "handled_at", postgresql_using="brin"),
        {"schema": "deploy"},
    )

    consumer: str = Field(sa_column=Column(Text, primary_key=True))
    event_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    handled_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class Outbox(SQLModel, table=True):
    """An event that was decided in the database and is not on Kafka yet. The relay deletes what it has sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        {
            "schema": "deploy",
            "postgresql_with": {
                "autovacuum_vacuum_scale_factor": "0",
                "autovacuum_vacuum_threshold": "20000",
                # Rows live for milliseconds: compressing them costs more than their space.
                "toast_tuple_target": "8160",
            },
        },
    )

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    topic: str = Field(sa_column=Column(Text, nullable=False))
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    event_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    traceparent: str | None = Field(sa_column=Column(Text))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Quarantine(SQLModel, table=True):
    """An outbox row that Kafka will never take, with the reason: kept for a person."""

    __tablename__ = "quarantine"
    __table_args__ = ({"schema": "deploy"},)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True))
    topic: str = Field(sa_column=Column(Text, nullable=False))
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    event_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    traceparent: str | None = Field(sa_column=Column(Text))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))


class ProcessBeat(SQLModel, table=True):
    """What a process last said of itself: how `/readyz`, `/metrics` and `huiyin status` see the others."""

    __tablename__ = "process"
    __table_args__ = ({"schema": "deploy"},)

    name: str = Field(sa_column=Column(Text, primary_key=True))
    #: The replica: machine and pid.
    host: str = Field(sa_column=Column(Text, primary_key=True))
    pid: int = Field(sa_column=Column(BigInteger, nullable=False))
    beat_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: `{"ok": bool, "reason": str, "lag": {group: n}}`
    health: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    #: Prometheus text.
    metrics: str = Field(sa_column=Column(Text, nullable=False))


class ProgressRow(SQLModel, table=True):
    """How far a consumer has come on a partition, in the time of events: every one of before `reached` is handled."""

    __tablename__ = "progress"
    # Written once a second, in place.
    __table_args__ = ({"schema": "deploy", "postgresql_with": {"fillfactor": "50"}},)

    consumer: str = Field(sa_column=Column(Text, primary_key=True))
    topic: str = Field(sa_column=Column(Text, primary_key=True))
    partition: int = Field(sa_column=Column(Integer, primary_key=True))
    reached: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class LeaseRow(SQLModel, table=True):
    """Who leads a role of which there is one leader, and until when, unless it renews that."""

    __tablename__ = "lease"
    # Written every few seconds, in place.
    __table_args__ = ({"schema": "deploy", "postgresql_with": {"fillfactor": "50"}},)

    role: str = Field(sa_column=Column(Text, primary_key=True))
    holder: str = Field(sa_column=Column(Text, nullable=False))
    until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class RateLimit(SQLModel, table=True):
    """What one caller has left of one limit, as all web processes settled it. A crash may lose it."""

    __tablename__ = "rate_limit"
    __table_args__ = (
        # Pruning deletes by age.
        Index("rate_limit_at", "at"),
        {"schema": "deploy", "prefixes": ["UNLOGGED"]},
    )

    name: str = Field(sa_column=Column(Text, primary_key=True))
    #: A keyed hash of the address.
    caller: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    per_minute: float = Field(sa_column=Column(Double, nullable=False))
    tokens: float = Field(sa_column=Column(Double, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class FirstSigned(SQLModel, table=True):
    """Where a partition's signed records begin: what lay there before the upgrade to a release that signs is older."""

    __tablename__ = "first_signed"
    __table_args__ = ({"schema": "deploy"},)

    topic: str = Field(sa_column=Column(Text, primary_key=True))
    partition: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    record_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    marked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class RestoreRow(SQLModel, table=True):
    """A copy was brought back: the audit's epoch that began with it."""

    __tablename__ = "restore"
    __table_args__ = ({"schema": "deploy"},)

    epoch: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: When the copy was made.
    copied_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: HMAC under the audit's key.
    seal: str = Field(sa_column=Column(Text, nullable=False))


class SealedSinceRow(SQLModel, table=True):
    """Since when what is kept of some kind is sealed: what is older, of a database that was upgraded, has no seal."""

    __tablename__ = "sealed_since"
    __table_args__ = ({"schema": "deploy"},)

    what: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class LostRangeRow(SQLModel, table=True):
    """Records that Kafka deleted before a consumer had read them: it stops until somebody has accepted the loss."""

    __tablename__ = "lost_range"
    __table_args__ = ({"schema": "deploy"},)

    consumer: str = Field(sa_column=Column(Text, primary_key=True))
    topic: str = Field(sa_column=Column(Text, primary_key=True))
    partition: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    from_offset: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    #: The first that the log still holds.
    to_offset: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    found_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    accepted_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    accepted_by: str | None = Field(sa_column=Column(Text))


class KnownEndRow(SQLModel, table=True):
    """Where a partition ended when its consumer last looked: a Kafka that ends earlier was put back from before."""

    __tablename__ = "known_end"
    # Written every few seconds, in place.
    __table_args__ = ({"schema": "deploy", "postgresql_with": {"fillfactor": "50"}},)

    consumer: str = Field(sa_column=Column(Text, primary_key=True))
    topic: str = Field(sa_column=Column(Text, primary_key=True))
    partition: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    record_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    seen_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    #: A digest of the events that it handles, and since when it does: it never had others in its inbox.
    handles: str = Field(sa_column=Column(Text, nullable=False))
    since: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


#: Refuses every change of the views but an added row. Run in this order, after the table exists; idempotent.
_APPEND_ONLY_VIEWS: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION deploy.refuse_view_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'deploy.case_view is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER case_view_is_append_only BEFORE UPDATE OR DELETE ON deploy.case_view
    FOR EACH ROW EXECUTE FUNCTION deploy.refuse_view_change()""",
    """CREATE OR REPLACE TRIGGER case_view_is_not_truncated BEFORE TRUNCATE ON deploy.case_view
    FOR EACH STATEMENT EXECUTE FUNCTION deploy.refuse_view_change()""",
)


class CaseViewRow(SQLModel, table=True):
    """Somebody of the staff was shown something of a case. Append-only: nobody looks without a trace, or erases one."""

    __tablename__ = "case_view"
    __table_args__ = (
        # The citizen's count: how often the case was opened; lines of lists and alerts are no part of it.
        Index(
            "case_view_opened",
            "case_id",
            "at",
            postgresql_where=text("NOT (fields <@ '{title,alert}'::text[])"),
        ),
        {"schema": "deploy", "info": {"after_create": _APPEND_ONLY_VIEWS}},
    )

    #: The case first: who looked is asked of a case, and no second index is paid for.
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: The account or the token.
    who: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    #: The department's code; null for whoever works for none.
    unit: str | None = Field(sa_column=Column(Text))
    address: str = Field(sa_column=Column(Text, nullable=False))
    #: Method and path of the route, or the command.
    route: str = Field(sa_column=Column(Text, nullable=False))
    #: `schemas.words.CaseField`.
    fields: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


#: Refuses every change of what operators did but an added row. Run in this order, after the table exists; idempotent.
_APPEND_ONLY_DEEDS: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION deploy.refuse_operator_deed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'deploy.operator_deed is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER operator_deed_is_append_only BEFORE UPDATE OR DELETE ON deploy.operator_deed
    FOR EACH ROW EXECUTE FUNCTION deploy.refuse_operator_deed()""",
    """CREATE OR REPLACE TRIGGER operator_deed_is_not_truncated BEFORE TRUNCATE ON deploy.operator_deed
    FOR EACH STATEMENT EXECUTE FUNCTION deploy.refuse_operator_deed()""",
)


class OperatorDeedRow(SQLModel, table=True):
    """What somebody did to the city by a command of which no other log tells who did it. Sealed rows, which only grow."""

    __tablename__ = "operator_deed"
    __table_args__ = ({"schema": "deploy", "info": {"after_create": _APPEND_ONLY_DEEDS}},)

    #: Without a gap.
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: `deploy.database.operator_deeds.Operated`.
    what: str = Field(sa_column=Column(Text, nullable=False))
    #: Which days, which version, which letters, and why.
    about: str = Field(sa_column=Column(Text, nullable=False))
    #: Who ran the command (`deploy.accounts.who_runs`).
    by: str = Field(sa_column=Column(Text, nullable=False))
    #: HMAC-SHA-256 of the row and of the seal before it, under the audit's key.
    seal: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
