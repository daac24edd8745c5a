"""The tables that handlers alone owns, and the triggers that keep the log as it was written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Index, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

_MOMENT = DateTime(timezone=True)


def _text(*, null: bool = False) -> Any:
    return Column(Text, nullable=null)


def _moment(*, null: bool = False) -> Any:
    return Column(_MOMENT, nullable=null)


def _count() -> Any:
    return Column(Integer, nullable=False, server_default=sql("0"))


def _flag() -> Any:
    return Column(Boolean, nullable=False, server_default=sql("false"))


#: What earlier releases write beside this one is sealed without the item or the tags (`case.case_seal`), and so leaves none.
_NEITHER_UNDER_AN_OLDER_SEAL: tuple[str, ...] = (
    r"""CREATE OR REPLACE FUNCTION handlers.leave_no_item() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.item = NULL; RETURN NEW; END $$""",
    r"""CREATE OR REPLACE TRIGGER case_has_no_item_under_an_older_seal BEFORE UPDATE ON handlers."case"
    FOR EACH ROW WHEN (NEW.item IS NOT NULL AND NEW.log_seal IS DISTINCT FROM OLD.log_seal
        AND substr(NEW.log_seal, 1, 1) NOT IN ('\x04'::bytea, '\x05'::bytea))
    EXECUTE FUNCTION handlers.leave_no_item()""",
    r"""CREATE OR REPLACE FUNCTION handlers.leave_no_tags() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.tags = '{}'; RETURN NEW; END $$""",
    r"""CREATE OR REPLACE TRIGGER case_has_no_tags_under_an_older_seal BEFORE UPDATE ON handlers."case"
    FOR EACH ROW WHEN (NEW.tags <> '{}' AND NEW.log_seal IS DISTINCT FROM OLD.log_seal
        AND substr(NEW.log_seal, 1, 1) <> '\x05'::bytea) EXECUTE FUNCTION handlers.leave_no_tags()""",
)


class CaseRow(SQLModel, table=True):
    """A case from its assignment on. Title and text are masked."""

    __tablename__ = "case"
    __table_args__ = (
        # The desk's working list: a department's open cases, the most pressing first.
        Index("case_open_by_lead", "lead", sql("coalesce(due_at, 'infinity')"), "case_id",
              postgresql_where=sql("closed_at IS NULL")),
        # Open cases that a department supports.
        Index("case_open_by_supporting", "supporting", postgresql_using="gin",
              postgresql_where=sql("closed_at IS NULL AND supporting <> '{}'")),
        # The desk's archive: a department's ended cases, the latest first; and of these those that were due in some span.
        Index("case_ended_by_lead", "lead", "closed_at", "case_id", "due_at",
              postgresql_where=sql("closed_at IS NOT NULL")),
        # Of these the few that were late, and those that ended otherwise than with an answer.
        Index("case_ended_late", "lead", "closed_at", "case_id",
              postgresql_where=sql("closed_at IS NOT NULL AND overdue")),
        Index("case_ended_otherwise", "lead", "closed_at", "case_id",
              postgresql_where=sql("closed_at IS NOT NULL AND state <> 'closed'")),
        # A state changes several times in a case's life and stands in no index: room on the same page.
        # An ordinary message stays in its row, uncompressed.
        {
            "schema": "handlers",
            "postgresql_with": {"fillfactor": "80", "toast_tuple_target": "4096"},
            "info": {"after_create": _NEITHER_UNDER_AN_OLDER_SEAL},
        },
    )  # fmt: skip

    case_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    tracking_code: str = Field(sa_column=_text())
    channel: str = Field(sa_column=_text())
    received_at: datetime = Field(sa_column=_moment())
    assigned_at: datetime = Field(sa_column=_moment())
    kind: str = Field(sa_column=_text())
    urgency: str = Field(sa_column=_text())
    category: str = Field(sa_column=_text())
    #: Of the dispatch catalogue (事项); null where none is clear, and where the case is protected.
    item: str | None = Field(sa_column=_text(null=True))
    #: Time, people and nature (标签); none where the case is protected.
    tags: list[str] = Field(sa_column=Column(pg.ARRAY(Text), nullable=False, server_default=sql("'{}'")))
    lead: str = Field(sa_column=_text())
    supporting: list[str] = Field(sa_column=Column(pg.ARRAY(Text), nullable=False))
    region: str | None = Field(sa_column=_text(null=True))
    title: str = Field(sa_column=_text())
    text: str = Field(sa_column=_text())
    place: dict[str, Any] | None = Field(sa_column=Column(pg.JSONB, nullable=True))
    attachments: list[dict[str, Any]] = Field(sa_column=Column(pg.JSONB, nullable=False, server_default="[]"))
    has_contact: bool = Field(sa_column=_flag())
    confidential: bool = Field(sa_column=_flag())
    publish: bool = Field(sa_column=_flag())
    #: Units that may not see it: those that its citizen accuses, with their superiors and subordinates.
    accused: list[str] = Field(sa_column=Column(pg.ARRAY(Text), nullable=False, server_default="{}"))
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool = Field(sa_column=_flag())
    #: No department sees it until a dispatcher has chosen again.
    withheld: bool = Field(sa_column=_flag())
    #: Of the last `case.routed` that was followed.
    routed_version: int = Field(sa_column=_count())
    #: By the last `tags.corrected` that was followed.
    tags_corrected_at: datetime | None = Field(sa_column=_moment(null=True))
    state: str = Field(sa_column=_text())
    state_before_review: str | None = Field(sa_column=_text(null=True))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    #: Null for the moment between the assignment and sla's answer to it.
    due_at: datetime | None = Field(sa_column=_moment(null=True))
    sign_due_at: datetime | None = Field(sa_column=_moment(null=True))
    deadline_version: int = Field(sa_column=_count())
    overdue: bool = Field(sa_column=_flag())
    return_count: int = Field(sa_column=_count())
    return_barred: bool = Field(sa_column=_flag())
    extension_count: int = Field(sa_column=_count())
    #: Working days asked for; null while no extension is pending.
    extension_days: int | None = Field(sa_column=Column(Integer, nullable=True))
    #: Whatever else the department has asked for: `handlers.core.asks.Asks`.
    asks: dict[str, Any] = Field(sa_column=Column(pg.JSONB, nullable=False, server_default="{}"))
    #: What departments added: `[handlers.core.files.CaseFile]`.
    files: list[dict[str, Any]] = Field(sa_column=Column(pg.JSONB, nullable=False, server_default="[]"))
    reopened_count: int = Field(sa_column=_count())
    urged_count: int = Field(sa_column=_count())
    supervised: bool = Field(sa_column=_flag())
    note: str | None = Field(sa_column=_text(null=True))
    response: str | None = Field(sa_column=_text(null=True))
    closed_at: datetime | None = Field(sa_column=_moment(null=True))
    traceparent: str | None = Field(sa_column=_text(null=True))
    #: The head of the log's chain: without it, rows cut off at the end would not be missed.
    log_seq: int = Field(sa_column=Column(Integer, nullable=False))
    log_hash: bytes = Field(sa_column=Column(pg.BYTEA, nullable=False))
    #: Keyed hash of the case as the log's last row left it; null where that row is older than the key.
    log_seal: bytes | None = Field(sa_column=Column(pg.BYTEA, nullable=True))
    #: Keyed hash of the citizen's message; null where the case is older than the key.
    message_seal: bytes | None = Field(sa_column=Column(pg.BYTEA, nullable=True))


#: Refuses every change of the log but an added row. Run in this order, after the table exists; idempotent.
_APPEND_ONLY_LOG: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION handlers.refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'handlers.log is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE ON handlers.log
    FOR EACH ROW EXECUTE FUNCTION handlers.refuse_log_change()""",
    """CREATE OR REPLACE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON handlers.log
    FOR EACH STATEMENT EXECUTE FUNCTION handlers.refuse_log_change()""",
)


class LogRow(SQLModel, table=True):
    """What happened to a case, who did it, and the chain's hash. Only ever added to."""

    __tablename__ = "log"
    __table_args__ = (
        # An anchor reads what was added since the one before.
        Index("log_at", "at", postgresql_using="brin"),
        {"schema": "handlers", "info": {"after_create": _APPEND_ONLY_LOG}},
    )

    case_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=_moment())
    actor: str = Field(sa_column=_text())
    role: str = Field(sa_column=_text())
    action: str = Field(sa_column=_text())
    from_state: str = Field(sa_column=_text())
    to_state: str = Field(sa_column=_text())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    detail: dict[str, Any] = Field(sa_column=Column(pg.JSONB, nullable=False))
    hash: bytes = Field(sa_column=Column(pg.BYTEA, nullable=False))


class SupplementRow(SQLModel, table=True):
    """What the citizen said since (masked); it may be here before its case."""

    __tablename__ = "supplement"
    __table_args__ = (
        # One case's supplements.
        Index("supplement_by_case", "case_id", "supplement_id"),
        {"schema": "handlers"},
    )

    supplement_id: int | None = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    case_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), nullable=False))
    at: datetime = Field(sa_column=_moment())
    text: str = Field(sa_column=_text())
    #: The files that came with it: `[schemas.values.Attachment]`.
    attachments: list[dict[str, Any]] = Field(sa_column=Column(pg.JSONB, nullable=False, server_default="[]"))
    #: What the words belong to: an addition, an objection, a rating, a withdrawal.
    said: str = Field(sa_column=Column(Text, nullable=False, server_default="addition"))


class WithdrawalRow(SQLModel, table=True):
    """A withdrawal that came before its case: the case then opens as withdrawn."""

    __tablename__ = "withdrawal"
    __table_args__ = ({"schema": "handlers"},)

    case_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    at: datetime = Field(sa_column=_moment())
    reason: str = Field(sa_column=_text())


class CommandRow(SQLModel, table=True):
    """A command from a department's system and the answer that it got: sent twice, done once."""

    __tablename__ = "command"
    __table_args__ = (
        # Pruning deletes by age.
        Index("command_at", "at", postgresql_using="brin"),
        {"schema": "handlers"},
    )

    department: str = Field(sa_column=Column(Text, primary_key=True))
    command_id: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=_moment())
    answer: dict[str, Any] = Field(sa_column=Column(pg.JSONB, nullable=False))


class EntryRow(SQLModel, table=True):
    """A knowledge entry: its newest text, and the text that everybody may read."""

    __tablename__ = "entry"
    __table_args__ = (
        # A department's own list, the latest change first.
        Index("entry_by_owner", "owner", "changed_at", "entry_id"),
        # The same of all departments, by state: what waits for a dispatcher.
        Index("entry_by_state", "state", "changed_at", "entry_id"),
        # What ends next.
        Index("entry_ends", "holds_until", postgresql_where=sql("holds_until IS NOT NULL")),
        # Which entries ask nearly the same.
        Index("entry_pairs", "pairs", postgresql_using="gin"),
        {"schema": "handlers"},
    )

    entry_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    owner: str = Field(sa_column=_text())
    state: str = Field(sa_column=_text())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    #: `schemas.values.EntryContent`.
    content: dict[str, Any] = Field(sa_column=Column(pg.JSONB, nullable=False))
    made_from: list[UUID] = Field(sa_column=Column(pg.ARRAY(pg.UUID(as_uuid=True)), nullable=False))
    published: dict[str, Any] | None = Field(sa_column=Column(pg.JSONB, nullable=True))
    #: Until when everybody may read `published`.
    holds_until: datetime | None = Field(sa_column=_moment(null=True))
    changed_at: datetime = Field(sa_column=_moment())
    written_by: str = Field(sa_column=_text())
    remarks: str = Field(sa_column=_text())
    #: Neighbouring characters of its questions: `handlers.core.likeness.pairs`.
    pairs: list[str] = Field(sa_column=Column(pg.ARRAY(Text), nullable=False))


#: The same of entries as `_APPEND_ONLY_LOG`.
_APPEND_ONLY_ENTRY_LOG: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION handlers.refuse_entry_log_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'handlers.entry_log is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER entry_log_is_append_only BEFORE UPDATE OR DELETE ON handlers.entry_log
    FOR EACH ROW EXECUTE FUNCTION handlers.refuse_entry_log_change()""",
    """CREATE OR REPLACE TRIGGER entry_log_is_not_truncated BEFORE TRUNCATE ON handlers.entry_log
    FOR EACH STATEMENT EXECUTE FUNCTION handlers.refuse_entry_log_change()""",
)


class EntryLogRow(SQLModel, table=True):
    """What was done to an entry, and every text that it ever had. Only ever added to."""

    __tablename__ = "entry_log"
    __table_args__ = ({"schema": "handlers", "info": {"after_create": _APPEND_ONLY_ENTRY_LOG}},)

    entry_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=_moment())
    #: Empty: the time.
    actor: str = Field(sa_column=_text())
    action: str = Field(sa_column=_text())
    state: str = Field(sa_column=_text())
    remarks: str = Field(sa_column=_text())
    content: dict[str, Any] = Field(sa_column=Column(pg.JSONB, nullable=False))
    #: HMAC under the audit's key; null: of a release that made none.
    seal: bytes | None = Field(default=None, sa_column=Column(pg.BYTEA, nullable=True))


class ContradictionRow(SQLModel, table=True):
    """Two entries that everybody may read, which give different figures for nearly one question."""

    __tablename__ = "contradiction"
    __table_args__ = (
        # What waits for a dispatcher, the oldest first.
        Index("contradiction_waiting", "found_at", postgresql_where=sql("settled_at IS NULL")),
        # The other one of the two, when it ends.
        Index("contradiction_other", "other"),
        {"schema": "handlers"},
    )

    #: The entry that was published later, and its version then.
    entry_id: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    other: UUID = Field(sa_column=Column(pg.UUID(as_uuid=True), primary_key=True))
    #: Of what the numbers differ: days, an amount.
    units: list[str] = Field(sa_column=Column(pg.ARRAY(Text), nullable=False))
    found_at: datetime = Field(sa_column=_moment())
    settled_at: datetime | None = Field(sa_column=_moment(null=True))
    #: Empty: one of the two was changed or ended.
    settled_by: str | None = Field(sa_column=_text(null=True))
    remarks: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
