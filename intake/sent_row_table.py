"""The table of what rows of lists are known by: one of intake's, in a file of its own."""

from sqlalchemy import Column, LargeBinary, Text
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel


class SentRow(SQLModel, table=True):
    """What a row is known by that `huiyin import` sent, or was about to send; what became a case stands for good."""

    __tablename__ = "sent_row"
    __table_args__ = ({"schema": "intake"},)

    #: Keyed, as every hash of what can be guessed.
    hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    #: The list that it stood in, with channel, source and choice; empty: imported by a release that did not note it.
    list_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    #: Of that case; null: noted by a release that did not keep it.
    tracking_code: str | None = Field(sa_column=Column(Text, nullable=True))
    #: The row of another list that was sent as this case, before there was one: the case that it would have become.
    taken_by: str | None = Field(sa_column=Column(UUID(as_uuid=False), nullable=True))
