"""The table of exclusions (不纳入考核): which case is left out of which figures of whom, and who decided so."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlmodel import Field, SQLModel

_SCHEMA = "sla"


class ExclusionRow(SQLModel, table=True):
    """A department asks that a case be left out of its figures."""

    __tablename__ = "exclusion"
    __table_args__ = (
        # What waits for a decision, the longest first; and the rest, the latest first.
        Index(
            "exclusion_waiting",
            "since",
            "case_id",
            "number",
            postgresql_where=text("state IN ('open', 'appealed')"),
        ),
        Index("exclusion_since", "since", "case_id", "number"),
        # A department's own, the latest first.
        Index("exclusion_department", "department", "since", "case_id", "number"),
        {"schema": _SCHEMA},
    )

    case_id: UUID = Field(sa_column=Column(PGUUID(as_uuid=True), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    department: str = Field(sa_column=Column(Text, nullable=False))
    #: Codes of rates; `case`: all of them.
    figures: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    #: As `sla/core/exclusions.py` names it.
    state: str = Field(sa_column=Column(Text, nullable=False))
    #: The end of the case that it is about.
    closed_at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    #: Of its last step.
    since: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    #: By when it is to be decided, or may be appealed.
    until: datetime | None = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=True))
    #: When the supervisors were told that it is overdue; null: they were not, since its last step.
    overdue_told_at: datetime | None = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=True))
    #: When it last changed figures: granted, or taken out of them again.
    told_at: datetime | None = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=True))
    #: Who did what when, and said what, masked.
    steps: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
