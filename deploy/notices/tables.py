"""The tables of notices: one row for each notice to each recipient, and the addresses of the staff and of other systems."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlmodel import Field, SQLModel


def _text(default: str | None = None) -> Column[str]:
    return Column(Text, nullable=False, server_default=default)


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class NoticeRow(SQLModel, table=True):
    """A notice to one recipient. It holds no address of a citizen's, and no word of theirs."""

    __tablename__ = "notice"
    __table_args__ = (
        # The next to be sent; rows leave it for good once they are.
        Index("notice_waiting", "send_after", postgresql_where=text("state = 'waiting'")),
        # The newest first, page by page; pruning by age.
        Index("notice_at", text("at DESC"), text("id DESC")),
        # What failed, among very many that did not.
        Index(
            "notice_failed", text("at DESC"), text("id DESC"),
            postgresql_where=text("state IN ('failed', 'bounced', 'given_up')"),
        ),
        {"schema": "deploy", "postgresql_with": {"fillfactor": "80"}},
    )  # fmt: skip

    #: Of the notice and its recipient: the same one said again is this row.
    id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    occasion: str = Field(sa_column=_text())
    case_id: str | None = Field(sa_column=Column(UUID(as_uuid=False), nullable=True))
    audience: str = Field(sa_column=_text())
    #: Empty: of no department.
    department: str = Field(sa_column=_text())
    channel: str = Field(sa_column=_text())
    #: Null: the citizen's own, which intake knows.
    endpoint_id: str | None = Field(sa_column=Column(UUID(as_uuid=False), nullable=True))
    #: What its words need: moments and numbers.
    facts: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    at: datetime = Field(sa_column=_moment())
    #: Not before; a sender that takes it puts this off, so that another takes it should the first die.
    send_after: datetime = Field(sa_column=_moment())
    state: str = Field(default="waiting", sa_column=_text("waiting"))
    attempts: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    settled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: Why not, in a word; never an address.
    reason: str = Field(default="", sa_column=_text(""))
    #: Masked, once it was sent.
    shown_to: str = Field(default="", sa_column=_text(""))


class NoticeEndpoint(SQLModel, table=True):
    """Where the staff of a role or a department, or another system, hears of things."""

    __tablename__ = "notice_endpoint"
    __table_args__ = ({"schema": "deploy"},)

    id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    audience: str = Field(sa_column=_text())
    #: Empty: of no department.
    department: str = Field(sa_column=_text())
    #: `email` or `webhook`.
    channel: str = Field(sa_column=_text())
    address: str = Field(sa_column=_text())
    #: The language of its letters.
    language: str = Field(sa_column=_text("zh-Hans"))
    created_at: datetime = Field(sa_column=_moment())
    #: Since when it takes nothing.
    failing_since: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: When it was switched off, because it took nothing for days.
    disabled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    removed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: How often its secret was renewed; and until when messages are signed under the one before, too.
    renewed: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    former_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: When somebody last asked for a test message, when that was sent, and why it was not taken; empty: it was.
    test_asked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    tested_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    test_failed: str = Field(default="", sa_column=_text(""))


class NoticeRound(SQLModel, table=True):
    """Up to which round an audience was told of what came: the next one begins there, whoever sends it."""

    __tablename__ = "notice_round"
    __table_args__ = ({"schema": "deploy"},)

    audience: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=_moment())


class EndpointChange(SQLModel, table=True):
    """Who added, switched on or off, or removed an address, and when. Rows are only added."""

    __tablename__ = "endpoint_change"
    __table_args__ = ({"schema": "deploy"},)

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    endpoint_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    #: `added`, `enabled`, `disabled`, `removed`, `renewed` (its secret), `former ended` (the same, the one before over).
    what: str = Field(sa_column=_text())
    #: Empty: it took nothing for days, and was switched off for that.
    by: str = Field(sa_column=_text())
    at: datetime = Field(sa_column=_moment())
    #: Why somebody switched it off, in their words.
    reason: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
