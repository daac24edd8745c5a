"""The table of knowledge entries as everybody may read them: one of intake's, in a file of its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, UUID
from sqlmodel import Field, SQLModel


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


class KnowledgeEntry(SQLModel, table=True):
    """A knowledge entry as everybody may read it, while it holds; a row of one that ended keeps its version alone in use."""

    __tablename__ = "entry"
    __table_args__ = (
        # The newest first, of those that were not taken back.
        Index("entry_newest", "published_at", "entry_id", postgresql_where=text("is_live")),
        # What a search finds them by.
        Index("entry_search", "search", postgresql_using="gin"),
        {"schema": "intake"},
    )

    entry_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: The newest that was heard of it.
    version: int = Field(sa_column=Column(Integer, nullable=False))
    is_live: bool = Field(sa_column=Column(Boolean, nullable=False))
    owner: str = Field(sa_column=Column(Text, nullable=False))
    #: `schemas.values.EntryContent`.
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    holds_from: datetime = Field(sa_column=_moment())
    holds_until: datetime = Field(sa_column=_moment())
    published_at: datetime = Field(sa_column=_moment())
    #: Its words: `intake.core.bigrams`.
    search: str = Field(sa_column=Column(TSVECTOR, nullable=False))
