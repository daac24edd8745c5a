"""The tables of what everybody may read: published answers, those that wait for consent, and how they are searched."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID
from sqlmodel import Field, SQLModel


def _case_id() -> Any:
    return Column(UUID(as_uuid=False), primary_key=True)


def _text(*, nullable: bool = False) -> Any:
    return Column(Text, nullable=nullable)


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


#: As of which an answer stands there as it is, the latest first.
_LATEST_CHANGE = (text("GREATEST(replied_at, changed_at) DESC"), text("case_id DESC"))


class PublishedAnswer(SQLModel, table=True):
    """An answer that everybody may read."""

    __tablename__ = "published"
    __table_args__ = (
        # Answers are found by their tracking code.
        Index("published_tracking_code", "tracking_code", unique=True),
        # Search: our own bigrams, since Postgres does not cut Chinese into words.
        Index("published_search", "search", postgresql_using="gin"),
        # Newest first, page by page; also within a category, a department, a district.
        Index("published_newest", text("replied_at DESC"), text("case_id DESC")),
        Index("published_category", "category", text("replied_at DESC"), text("case_id DESC")),
        Index("published_department", "department", text("replied_at DESC"), text("case_id DESC")),
        Index("published_region", "region", text("replied_at DESC"), text("case_id DESC")),
        # What changed last first, for other systems; also of what was objected to.
        Index("published_updated", *_LATEST_CHANGE),
        Index("published_objected", *_LATEST_CHANGE, postgresql_where=text("objected")),
        {"schema": "intake"},
    )

    case_id: str = Field(sa_column=_case_id())
    tracking_code: str = Field(sa_column=_text())
    title: str = Field(sa_column=_text())
    text: str = Field(sa_column=_text())
    response: str = Field(sa_column=_text())
    category: str = Field(sa_column=_text())
    department: str = Field(sa_column=_text())
    region: str | None = Field(sa_column=_text(nullable=True))
    replied_at: datetime = Field(sa_column=_moment())
    search: str = Field(sa_column=Column(TSVECTOR, nullable=False))
    #: Its citizen objected to this answer, and there is none since.
    objected: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    #: When they did so, or allowed everybody to read it, whichever was later; null: neither, or before that was kept.
    changed_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    #: Which masker made the texts (`schemas.masking.MASKER`).
    masked: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))


class WithheldAnswer(SQLModel, table=True):
    """An answer that everybody may read once its citizen allows it, ready to become a published one."""

    __tablename__ = "withheld"
    __table_args__ = ({"schema": "intake"},)

    case_id: str = Field(sa_column=_case_id())
    tracking_code: str = Field(sa_column=_text())
    title: str = Field(sa_column=_text())
    text: str = Field(sa_column=_text())
    response: str = Field(sa_column=_text())
    category: str = Field(sa_column=_text())
    department: str = Field(sa_column=_text())
    region: str | None = Field(sa_column=_text(nullable=True))
    replied_at: datetime = Field(sa_column=_moment())
    search: str = Field(sa_column=Column(TSVECTOR, nullable=False))
    #: Its citizen objected to this answer, and there is none since.
    objected: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    #: When they did so, or allowed everybody to read it, whichever was later; null: neither, or before that was kept.
    changed_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    #: Which masker made the texts (`schemas.masking.MASKER`).
    masked: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))


class PublicationLimitRow(SQLModel, table=True):
    """A decision of staff's on what everybody else reads of a case (公开限制): only ever added, the last one counts."""

    __tablename__ = "publication_limit"
    __table_args__ = ({"schema": "intake"},)

    case_id: str = Field(sa_column=_case_id())
    number: int = Field(sa_column=Column(Integer, primary_key=True))
    is_withheld: bool = Field(sa_column=Column(Boolean, nullable=False))
    hides_pictures: bool = Field(sa_column=Column(Boolean, nullable=False))
    #: Those that it hides singly; null: none.
    hidden_pictures: list[str] | None = Field(
        default=None, sa_column=Column(ARRAY(UUID(as_uuid=False)), nullable=True)
    )
    #: How many words it hides; which ones, only `intake.sealed` knows.
    hidden_words: int = Field(sa_column=Column(Integer, nullable=False))
    reason: str = Field(sa_column=_text())
    decided_by: str = Field(sa_column=_text())
    decided_at: datetime = Field(sa_column=_moment())


class MeToo(SQLModel, table=True):
    """A case whose citizen says that a public matter is theirs, too (我也遇到), while it counts among those."""

    __tablename__ = "me_too"
    __table_args__ = (
        # How many people say so of each matter.
        Index("me_too_matter", "matter", "person"),
        # What came last, for dispatchers.
        Index("me_too_at", text("at DESC")),
        {"schema": "intake"},
    )

    case_id: str = Field(sa_column=_case_id())
    matter: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    #: Keyed hash of the telephone, of who else they may be, or of the browser; null: nothing tells.
    person: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    at: datetime = Field(sa_column=_moment())


class WordCount(SQLModel, table=True):
    """In how many published answers a word stands, as it was counted last; the word `` stands in all of them."""

    __tablename__ = "word"
    __table_args__ = ({"schema": "intake"},)

    word: str = Field(sa_column=Column(Text, primary_key=True))
    answers: int = Field(sa_column=Column(Integer, nullable=False))


class UnansweredSearch(SQLModel, table=True):
    """A search that found nothing, where nothing in it is personal: what knowledge is missing."""

    __tablename__ = "unanswered"
    __table_args__ = (
        # Those asked for most, first; the oldest are pruned.
        Index("unanswered_often", text("times DESC"), "words"),
        Index("unanswered_last_on", "last_on"),
        {"schema": "intake"},
    )

    words: str = Field(sa_column=Column(Text, primary_key=True))
    times: int = Field(sa_column=Column(Integer, nullable=False))
    first_on: date = Field(sa_column=Column(Date, nullable=False))
    last_on: date = Field(sa_column=Column(Date, nullable=False))
