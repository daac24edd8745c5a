"""The tables of what became of suggestions: counts by day, and who said that one had settled it, without a name."""

from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, Index, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel


class OfferCount(SQLModel, table=True):
    """How often on a day of the city something became of suggestions; `item`: of one of them, or empty for all together."""

    __tablename__ = "offer"
    __table_args__ = ({"schema": "intake"},)

    day: date = Field(sa_column=Column(Date, primary_key=True))
    #: `intake.core.public.offers.OfferOutcome`.
    what: str = Field(sa_column=Column(Text, primary_key=True))
    #: A tracking code of a published answer, or an entry's id.
    item: str = Field(sa_column=Column(Text, primary_key=True))
    times: int = Field(sa_column=Column(Integer, nullable=False))


class SettledCaller(SQLModel, table=True):
    """Somebody who had typed a telephone number said that a suggestion had settled it: whether they file it all the same."""

    __tablename__ = "settled"
    __table_args__ = (
        # The oldest are pruned.
        Index("settled_at", "at"),
        {"schema": "intake"},
    )

    #: Keyed hash of the number, as in `intake.sealed`: nothing else of it is kept.
    phone_index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
