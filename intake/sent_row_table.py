"""The table of what rows of lists are known by: one of intake's, in a file of its own."""

from sqlalchemy import Column, LargeBinary
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel


class SentRow(SQLModel, table=True):
    """What a row is known by that `huiyin import` sent, or was about to send; never changed."""

    __tablename__ = "sent_row"
    __table_args__ = ({"schema": "intake"},)

    #: Keyed, as every hash of what can be guessed.
    hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    #: The list that it stood in, with channel, source and choice; empty: imported by a release that did not note it.
    list_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
