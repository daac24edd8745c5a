"""The tables that intake alone owns: the register, what is sealed, what the citizen sees, what everybody may read."""

from datetime import datetime
from textwrap import indent
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel

from intake.entry_table import KnowledgeEntry as KnowledgeEntry
from intake.offer_tables import OfferCount as OfferCount
from intake.offer_tables import SettledCaller as SettledCaller
from intake.public_tables import MeToo as MeToo
from intake.public_tables import PublishedAnswer as PublishedAnswer
from intake.public_tables import UnansweredSearch as UnansweredSearch
from intake.public_tables import WithheldAnswer as WithheldAnswer
from intake.public_tables import WordCount as WordCount
from intake.sent_row_table import SentRow as SentRow
from intake.view_table import CitizenView as CitizenView


def _case_id() -> Any:
    return Column(UUID(as_uuid=False), primary_key=True)


def _text(*, nullable: bool = False) -> Any:
    return Column(Text, nullable=nullable)


def _bytes(*, nullable: bool = False) -> Any:
    return Column(LargeBinary, nullable=nullable)


def _moment(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _flag() -> Any:
    return Column(Boolean, nullable=False)


class RegisteredCase(SQLModel, table=True):
    """A message that became a case, masked. Written once, never changed."""

    __tablename__ = "case"
    __table_args__ = (
        # The citizen follows the case by it.
        Index("case_tracking_code", "tracking_code", unique=True),
        # The same idempotency key with another body is refused, and a retry is known over a change of the master secret.
        Index("case_key_hash", "key_hash", postgresql_where=text("key_hash IS NOT NULL")),
        # Suggestions of duplicates: the latest case with the same clause.
        Index(
            "case_first_clause",
            "first_clause",
            "received_at",
            postgresql_where=text("first_clause IS NOT NULL"),
        ),
        Index(
            "case_second_clause",
            "second_clause",
            "received_at",
            postgresql_where=text("second_clause IS NOT NULL"),
        ),
        # What came within some days, for other systems that ask by them.
        Index("case_received", "received_at", "case_id"),
        # An ordinary message stays in its row, uncompressed.
        {"schema": "intake", "postgresql_with": {"toast_tuple_target": "4096"}},
    )

    case_id: str = Field(sa_column=_case_id())
    tracking_code: str = Field(sa_column=_text())
    channel: str = Field(sa_column=_text())
    source: str = Field(sa_column=_text())
    external_id: str | None = Field(sa_column=_text(nullable=True))
    #: Keyed, as every hash of what can be guessed.
    key_hash: bytes | None = Field(sa_column=_bytes(nullable=True))
    content_hash: bytes = Field(sa_column=_bytes())
    language: str = Field(sa_column=_text())
    kind: str | None = Field(sa_column=_text(nullable=True))
    title: str = Field(sa_column=_text())
    text: str = Field(sa_column=_text())
    place_address: str | None = Field(sa_column=_text(nullable=True))
    #: WGS-84 degrees.
    longitude: float | None = Field(sa_column=Column(Float, nullable=True))
    latitude: float | None = Field(sa_column=Column(Float, nullable=True))
    confidential: bool = Field(sa_column=_flag())
    publish: bool = Field(sa_column=_flag())
    #: A row of an old list (`huiyin import`): nobody is woken for it.
    of_old_list: bool = Field(sa_column=Column(Boolean, nullable=False, server_default="false"))
    received_at: datetime = Field(sa_column=_moment())
    registered_at: datetime = Field(sa_column=_moment())
    whole_text: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    first_clause: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    second_clause: int | None = Field(sa_column=Column(BigInteger, nullable=True))


class SealedCase(SQLModel, table=True):
    """What is personal in a case, encrypted. Only where there is something; `store.forgetting` deletes the row."""

    __tablename__ = "sealed"
    __table_args__ = (
        # Earlier messages from the same telephone.
        Index("sealed_phone", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
        {"schema": "intake"},
    )

    case_id: str = Field(sa_column=_case_id())
    sealed: bytes = Field(sa_column=_bytes())
    #: Keyed hash of the telephone number.
    phone_index: bytes | None = Field(sa_column=_bytes(nullable=True))
    #: Where there is no number: keyed hash of the e-mail, the mini-app's user or the name. Only to tell people apart.
    author_index: bytes | None = Field(default=None, sa_column=_bytes(nullable=True))


class ReachableCitizen(SQLModel, table=True):
    """The citizen of this case is told of news, by this channel: their address lies sealed beside it."""

    __tablename__ = "reachable"
    __table_args__ = ({"schema": "intake"},)

    case_id: str = Field(sa_column=_case_id())
    channel: str = Field(sa_column=_text())
    #: They want to hear no more of it.
    stopped_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ForgottenCitizen(SQLModel, table=True):
    """What was personal in this case was forgotten, by a command of the city's: who gave it, when and why."""

    __tablename__ = "forgotten"
    __table_args__ = ({"schema": "intake"},)

    case_id: str = Field(sa_column=_case_id())
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    by: str = Field(sa_column=_text())
    reason: str = Field(sa_column=_text())
    #: Their files stayed.
    keeps_files: bool = Field(sa_column=_flag())


class CitizenSupplement(SQLModel, table=True):
    """Something that came later, added by the citizen; from earlier releases also other content under the same id."""

    __tablename__ = "supplement"
    __table_args__ = ({"schema": "intake"},)

    case_id: str = Field(sa_column=_case_id())
    #: Keyed hash of what was added: the same words twice are one supplement.
    content_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    at: datetime = Field(sa_column=_moment())
    text: str = Field(sa_column=_text())
    sealed: bytes | None = Field(sa_column=_bytes(nullable=True))


#: As `store.promises` says it, and Postgres writes it.
_SETTLED_AS = """CASE
    WHEN changed_at IS NOT NULL THEN 'changed'::text
    WHEN outcome = 'answered'::text AND replied_at <= until THEN 'kept'::text
    WHEN COALESCE(replied_at, ended_at) > until THEN 'broken'::text
    WHEN ended_at IS NOT NULL THEN 'ended'::text
    ELSE 'open'::text
END"""
_SETTLED = text(f"(\n{_SETTLED_AS})")
_UNCOUNTED = text(f"""counted IS DISTINCT FROM
CASE
    WHEN publishable THEN (department || ' '::text) ||
{indent(_SETTLED_AS, "    ")}
    ELSE 'hidden'::text
END""")


class PromisedDate(SQLModel, table=True):
    """A date that a citizen was promised (承诺办理), and what came of the case since: a fact that nothing takes back."""

    __tablename__ = "promise"
    __table_args__ = (
        # The latest day first, page by page.
        Index("promise_until", text("until DESC"), text("case_id DESC"), text("number DESC")),
        # The same of those of which the same is settled, in the words of `store.promises`; and of a department.
        Index(
            "promise_settled",
            _SETTLED,
            text("until DESC"),
            text("case_id DESC"),
            text("number DESC"),
        ),
        Index(
            "promise_department", "department", text("until DESC"), text("case_id DESC"), text("number DESC")
        ),
        # What figures read one by one: what is open, and what is not in the sums as it is.
        Index("promise_uncounted", "department", postgresql_where=_UNCOUNTED),
        {"schema": "intake"},
    )

    case_id: str = Field(sa_column=_case_id())
    #: The first of the case, or the one that it was put off to.
    number: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    #: Who has the case, until the day has passed.
    department: str = Field(sa_column=_text())
    #: The moment with which the day ends.
    until: datetime = Field(sa_column=_moment())
    granted_at: datetime = Field(sa_column=_moment())
    #: Neither confidential nor protected: read by everybody where its citizen allows it.
    publishable: bool = Field(sa_column=_flag())
    #: When another date was promised in its place.
    changed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: When the reply was given that was not sent back.
    replied_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: When the case ended, and how: `answered`, `withdrawn`, `merged`, `declined`.
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    outcome: str | None = Field(default=None, sa_column=_text(nullable=True))
    #: As what it is in the sums: its department and what became of it, or `hidden`; null: in none.
    counted: str | None = Field(default=None, sa_column=_text(nullable=True))


class PromiseSum(SQLModel, table=True):
    """How many promises are counted as what."""

    __tablename__ = "promise_sum"
    __table_args__ = ({"schema": "intake"},)

    #: `DEPARTMENT STATE`; no code has a space.
    counted_as: str = Field(sa_column=Column(Text, primary_key=True))
    n: int = Field(sa_column=Column(Integer, nullable=False))


class SilentCall(SQLModel, table=True):
    """A call in which nobody said anything: no case, and not forgotten."""

    __tablename__ = "silent_call"
    __table_args__ = (
        # How many there were, day by day.
        Index("silent_call_started_at", "started_at"),
        {"schema": "intake"},
    )

    #: What its case would be called: the same call sent twice is one.
    case_id: str = Field(sa_column=_case_id())
    source: str = Field(sa_column=_text())
    call_id: str = Field(sa_column=_text())
    started_at: datetime = Field(sa_column=_moment())
    received_at: datetime = Field(sa_column=_moment())
    #: Who called, and what the agent said, encrypted; empty once that was forgotten.
    sealed: bytes = Field(sa_column=_bytes())


class StoredAttachment(SQLModel, table=True):
    """A file that somebody sent, before or with the message that names it; its bytes lie in the file store."""

    __tablename__ = "attachment"
    __table_args__ = (
        # What lies in the store is compared with it, to find what a process left that died.
        Index("attachment_blob", "blob", unique=True),
        # Those whose message never came are swept, and how much they weigh is bounded.
        Index("attachment_waiting", "uploaded_at", postgresql_where=text("attached_at IS NULL")),
        # So is how much of that is one stranger's.
        Index("attachment_uploader", "uploader", postgresql_where=text("uploader IS NOT NULL")),
        {"schema": "intake"},
    )

    attachment_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: Where its bytes lie; a small picture of it beside them, where it is a picture.
    blob: str = Field(sa_column=_text())
    has_thumbnail: bool = Field(sa_column=_flag())
    #: Cleaned; masked as soon as it is known who sent it.
    name: str = Field(sa_column=_text())
    type: str = Field(sa_column=_text())
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: bytes = Field(sa_column=_bytes())
    uploaded_at: datetime = Field(sa_column=_moment())
    #: When the first case got it; null: its message has not come.
    attached_at: datetime | None = Field(sa_column=_moment(nullable=True))
    #: Keyed hash of a stranger's address, until a case gets it.
    uploader: bytes | None = Field(default=None, sa_column=_bytes(nullable=True))
    #: When a message that was accepted named it: it may have to wait for that one.
    named_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class CaseAttachment(SQLModel, table=True):
    """A file of a case, in the order in which its message and what came later name them; there may be none of that id."""

    __tablename__ = "attached"
    __table_args__ = ({"schema": "intake"},)

    case_id: str = Field(sa_column=_case_id())
    attachment_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    place: int = Field(sa_column=Column(SmallInteger, nullable=False))
    #: Nobody had ever got it when the message came.
    is_missing: bool = Field(sa_column=_flag())
    #: When it was added to the case; null: it came with the message.
    added_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: Whose it is, where a department added it.
    department: str | None = Field(default=None, sa_column=_text(nullable=True))


class FileRights(SQLModel, table=True):
    """Who else may see a file of a case, as it was said last; no row: nothing was said."""

    __tablename__ = "file_rights"
    __table_args__ = (
        # A department's file may stand in cases that were merged as well, and is taken back from all of them.
        Index("file_rights_attachment", "attachment_id"),
        {"schema": "intake"},
    )

    case_id: str = Field(sa_column=_case_id())
    attachment_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: A department's, which the citizen got with the answer; their own they always see.
    for_citizen: bool = Field(sa_column=_flag())
    #: A picture that everybody may see, where the answer is published.
    publish: bool = Field(sa_column=_flag())


class NamingLetter(SQLModel, table=True):
    """A letter by e-mail that names a case, and what it became: found in the mailbox again, it is that and nothing more."""

    __tablename__ = "letter"
    __table_args__ = (
        # Old ones are pruned.
        Index("letter_at", "at"),
        {"schema": "intake"},
    )

    #: Keyed hash of all that its sender wrote and enclosed.
    letter: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    at: datetime = Field(sa_column=_moment())
    #: To the case that it names; otherwise it is a message of its own.
    was_added: bool = Field(sa_column=_flag())


class MiniAppNonce(SQLModel, table=True):
    """A nonce that a mini-app has used: a signed request works once."""

    __tablename__ = "nonce"
    __table_args__ = (
        # Old ones are pruned.
        Index("nonce_at", "at"),
        {"schema": "intake"},
    )

    app: str = Field(sa_column=Column(Text, primary_key=True))
    nonce: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=_moment())
