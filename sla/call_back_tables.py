"""The tables of call-backs (回访): who is to be asked whether their closed case is settled, and what they said."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlmodel import Field, SQLModel

_SCHEMA = "sla"


def _moment(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=nullable))


def _text(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Text, nullable=nullable))


def _answer() -> Any:
    return Field(default=None, sa_column=Column(Boolean, nullable=True))


class CallBackRow(SQLModel, table=True):
    """A citizen is to be asked whether their closed case is settled (回访), and what they said."""

    __tablename__ = "call_back"
    __table_args__ = (
        # Whom to call, drawn first first; and one open call-back of a case at most.
        Index("call_back_open", "drawn_at", "case_id", postgresql_where=text("state = 'open'")),
        Index("call_back_one", "case_id", unique=True, postgresql_where=text("state = 'open'")),
        # What came of them, the latest first.
        Index(
            "call_back_settled",
            "settled_at",
            "case_id",
            postgresql_where=text("state IN ('done', 'unreached')"),
        ),
        {"schema": _SCHEMA},
    )

    case_id: UUID = Field(sa_column=Column(PGUUID(as_uuid=True), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    #: The day that was drawn.
    day: date = Field(sa_column=Column(Date, nullable=False))
    #: `rated`, `reopened`, `sample`.
    why: str = _text()
    #: `open`, `done`, `unreached`, `void`.
    state: str = _text()
    drawn_at: datetime = _moment()
    #: The end that it is about.
    closed_at: datetime = _moment()
    department: str | None = _text(nullable=True)
    #: Every unit that has led the case: none of them calls.
    leads: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    #: The dispatcher who answered it alone; empty: a department did.
    answered_by: str = Field(sa_column=Column(Text, nullable=False, server_default=text("''")))
    #: The citizen is asked on their page until then; null: by telephone.
    until: datetime | None = _moment(nullable=True)
    #: The dispatcher who is on the telephone with them, and until when nobody else rings up.
    claimed_by: str | None = _text(nullable=True)
    claimed_until: datetime | None = _moment(nullable=True)
    tries: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    tried_at: datetime | None = _moment(nullable=True)
    settled_at: datetime | None = _moment(nullable=True)
    #: Empty: the citizen, or their silence.
    settled_by: str | None = _text(nullable=True)
    why_not: str | None = _text(nullable=True)
    contacted: bool | None = _answer()
    #: `yes`, `partly`, `no`, `cannot`.
    solved: str | None = _text(nullable=True)
    satisfied: bool | None = _answer()
    #: As departments read it.
    note: str | None = _text(nullable=True)
    #: It had the case done once more.
    redo: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class CallBackDayRow(SQLModel, table=True):
    """A day whose call-backs were drawn, and of how many cases of each department."""

    __tablename__ = "call_back_day"
    __table_args__ = ({"schema": _SCHEMA},)

    day: date = Field(sa_column=Column(Date, primary_key=True))
    at: datetime = _moment()
    closed: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
