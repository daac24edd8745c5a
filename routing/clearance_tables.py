"""The tables of findings that a unit is not whom a report accuses (认定非被举报单位), and of those that were taken back."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Identity, Text
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel


class ClearedUnit(SQLModel, table=True):
    """A dispatcher found that a unit is not whom a report accuses. Only ever added to."""

    __tablename__ = "clearance"
    # The list of supervisors goes by id, the latest first.
    __table_args__ = ({"schema": "routing"},)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    department: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    #: The dispatcher's account.
    decided_by: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class EndedClearance(SQLModel, table=True):
    """Such a finding was taken back, by whom and why. Only ever added to."""

    __tablename__ = "clearance_end"
    __table_args__ = ({"schema": "routing"},)

    clearance_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    #: The dispatcher's account.
    withdrawn_by: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
