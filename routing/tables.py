"""The tables that routing alone owns: what a routed case carries, and what a person must decide."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field, SQLModel

from routing.clearance_tables import ClearedUnit as ClearedUnit
from routing.clearance_tables import EndedClearance as EndedClearance


def _moment(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _text(*, nullable: bool = False) -> Any:
    return Column(Text, nullable=nullable)


def _codes() -> Any:
    return Column(ARRAY(Text), nullable=False, server_default="{}")


def _documents(default: str) -> Any:
    return Column(JSONB, nullable=False, server_default=default)


#: A case that an earlier release protects beside this one keeps no tags either: it knows no such column.
_NO_TAGS_ONCE_PROTECTED: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION routing.leave_no_tags() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.tags = '{}'; RETURN NEW; END $$""",
    """CREATE OR REPLACE TRIGGER case_has_no_tags_once_protected BEFORE UPDATE ON routing."case"
    FOR EACH ROW WHEN (NEW.protected AND NEW.tags <> '{}') EXECUTE FUNCTION routing.leave_no_tags()""",
)


class RoutedCase(SQLModel, table=True):
    """All that `case.routed` needs, kept so that a dispatcher can decide at any later time."""

    __tablename__ = "case"
    __table_args__ = (
        # Merging names the other case by its tracking code.
        Index("case_tracking_code", "tracking_code", unique=True),
        # A case that others were merged into is not merged itself.
        Index("case_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        # The head of the review queue: an emergency leaves it with its answer.
        Index(
            "case_emergency_waiting",
            "case_id",
            postgresql_where=text(
                "urgency = 'emergency' AND state IN ('open', 'routed') AND response IS NULL"
            ),
        ),
        # Danger that was told since, shown above the queue until a dispatcher has looked.
        Index("case_danger_unseen", "case_id", postgresql_where=text("danger_unseen_since IS NOT NULL")),
        # What supervisors urged, shown above the queue.
        Index("case_urged", "case_id", postgresql_where=text("urged_count > 0")),
        # What came since the sweeper looked for topics last.
        Index("case_received_at", "received_at"),
        # Enquiries of up to ninety days, without reading all other messages.
        Index("case_enquiries", "received_at", postgresql_where=text("kind = 'consultation'")),
        # What a department has in hand, to be moved when it leaves the city.
        Index(
            "case_in_hand", "lead", "case_id", postgresql_where=text("state = 'routed' AND response IS NULL")
        ),
        # An ordinary message stays in its row, uncompressed.
        {
            "schema": "routing",
            "postgresql_with": {"toast_tuple_target": "4096"},
            "info": {"after_create": _NO_TAGS_ONCE_PROTECTED},
        },
    )

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    tracking_code: str = Field(sa_column=_text())
    channel: str = Field(sa_column=_text())
    received_at: datetime = Field(sa_column=_moment())
    kind: str = Field(sa_column=_text())
    urgency: str = Field(sa_column=_text())
    category: str = Field(sa_column=_text())
    lead: str = Field(sa_column=_text())
    supporting: list[str] = Field(sa_column=_codes())
    region: str | None = Field(sa_column=_text(nullable=True))
    #: Of the dispatch catalogue (事项); null where none is clear, and where the case is protected.
    item: str | None = Field(default=None, sa_column=_text(nullable=True))
    #: Time, people and nature (标签); none where the case is protected.
    tags: list[str] = Field(sa_column=_codes())
    title: str = Field(sa_column=_text())
    text: str = Field(sa_column=_text())
    #: What the citizen added while a dispatcher had the case.
    supplement: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    #: The files that came with that: `[schemas.values.Attachment]`.
    added_files: list[dict[str, object]] = Field(sa_column=Column(JSONB, nullable=False, server_default="[]"))
    place: dict[str, object] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    attachments: list[dict[str, object]] = Field(sa_column=Column(JSONB, nullable=False, server_default="[]"))
    has_contact: bool = Field(sa_column=Column(Boolean, nullable=False))
    confidential: bool = Field(sa_column=Column(Boolean, nullable=False))
    publish: bool = Field(sa_column=Column(Boolean, nullable=False))
    #: The case's version after what routing last said of its state.
    version: int = Field(sa_column=Column(Integer, nullable=False))
    #: `open`, `routed`, `declined`, `merged`, `withdrawn`.
    state: str = Field(sa_column=_text())
    probability: float = Field(sa_column=Column(Float, nullable=False))
    #: Whose probability that is: `rules`, or the version of a learned model.
    model: str | None = Field(sa_column=_text(nullable=True))
    #: `rules`, or the dispatcher's account.
    decided_by: str | None = Field(sa_column=_text(nullable=True))
    #: Units that it may not reach: those accused, with their superiors and subordinates.
    accused: list[str] = Field(sa_column=_codes())
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool = Field(sa_column=Column(Boolean, nullable=False, server_default="false"))
    #: Those of `accused` of whom no deed is told. Empty in rows of before: nobody clears what was not looked at.
    only_named: list[str] = Field(sa_column=_codes())
    #: Who was found not to be accused: `schemas.values.Clearance`.
    cleared: list[dict[str, object]] = Field(sa_column=_documents("[]"))
    #: How often supervisors urged it.
    urged_count: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    suspected_duplicate: str | None = Field(sa_column=Column(UUID(as_uuid=False), nullable=True))
    #: 0–1, of `suspected_duplicate`.
    similarity: float | None = Field(sa_column=Column(Float, nullable=True))
    #: What its citizen was told, as everybody may read it; null before, and since they objected.
    response: str | None = Field(sa_column=_text(nullable=True))
    #: The files that came with it.
    response_files: list[dict[str, object]] = Field(sa_column=_documents("[]"))
    merged_into: str | None = Field(sa_column=Column(UUID(as_uuid=False), nullable=True))
    #: Matters that the dispatcher split off with the present route: `schemas.values.MatterPart`.
    parts: list[dict[str, object]] = Field(sa_column=_documents("[]"))
    #: Who had it before it was moved: `routing.core.decisions.before_move.BeforeMove`.
    before_move: dict[str, object] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
    #: Its citizen says that a public matter is theirs, too (我也遇到): merged into that, they may still take it back.
    me_too: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))
    #: How often its citizen told of danger since.
    dangers_said: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    #: When they first told of what no dispatcher has looked at; null: nothing.
    danger_unseen_since: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class PrecisionWish(SQLModel, table=True):
    """How much of what goes out without a person is to be right, since when and who said so. Only ever added to."""

    __tablename__ = "precision_wish"
    # The newest one counts.
    __table_args__ = ({"schema": "routing"},)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    #: 0–1
    precision: float = Field(sa_column=Column(Float, nullable=False))
    reason: str = Field(sa_column=_text())
    #: The account, or who typed the command.
    decided_by: str = Field(sa_column=_text())
    at: datetime = Field(sa_column=_moment())


class RulingRow(SQLModel, table=True):
    """Such matters go to that department, whoever decided a return or an objection says. Only ever added to."""

    __tablename__ = "ruling"
    # Read whole every few seconds: a city has some hundreds.
    __table_args__ = ({"schema": "routing"},)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    #: All of which such a matter names; sorted.
    words: list[str] = Field(sa_column=_codes())
    category: str | None = Field(sa_column=_text(nullable=True))
    region: str | None = Field(sa_column=_text(nullable=True))
    department: str = Field(sa_column=_text())
    #: From which case, and which version of it was decided on.
    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    #: The dispatcher's account.
    decided_by: str = Field(sa_column=_text())
    at: datetime = Field(sa_column=_moment())
    #: Before special lines whose words it names: its form said so. False of what releases of before write.
    over_special: bool = Field(sa_column=Column(Boolean, nullable=False, server_default="false"))


class EndedRuling(SQLModel, table=True):
    """A ruling that was withdrawn, and by whom. Only ever added to."""

    __tablename__ = "ruling_end"
    __table_args__ = ({"schema": "routing"},)

    ruling_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    withdrawn_by: str = Field(sa_column=_text())
    at: datetime = Field(sa_column=_moment())


class ReviewItem(SQLModel, table=True):
    """One thing that a dispatcher decides, once. `version` is the case's version that it is about."""

    __tablename__ = "review_item"
    __table_args__ = (
        # The queue, oldest first; decided items leave it.
        Index(
            "review_item_open",
            "opened_at",
            "case_id",
            "kind",
            "version",
            postgresql_where=text("state = 'open'"),
        ),
        {"schema": "routing"},
    )

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: `dispatch`, `return`, `extension`, `suspension`, `reply`, …
    kind: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True))
    #: `open`, `decided`, `superseded`.
    state: str = Field(sa_column=Column(Text, nullable=False, server_default="open"))
    opened_at: datetime = Field(sa_column=_moment())
    decided_at: datetime | None = Field(sa_column=_moment(nullable=True))
    decided_by: str | None = Field(sa_column=_text(nullable=True))
    #: What was decided; null before.
    accepted: bool | None = Field(default=None, sa_column=Column(Boolean, nullable=True))
    candidates: list[dict[str, object]] = Field(sa_column=_documents("[]"))
    reasons: list[dict[str, object]] = Field(sa_column=_documents("[]"))
    #: What the item is about: doubts, a return's reason and basis, an extension's days, a reply's text.
    detail: dict[str, object] = Field(sa_column=_documents("{}"))


class SecondReadingRow(SQLModel, table=True):
    """A direct answer that another dispatcher is to read again, and what they found."""

    __tablename__ = "reading"
    __table_args__ = (
        # What waits, the oldest first.
        Index("reading_waiting", "answered_at", "case_id", postgresql_where=text("read_at IS NULL")),
        {"schema": "routing"},
    )

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: The case's, with which it was answered.
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    entry_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    answered_by: str = Field(sa_column=_text())
    answered_at: datetime = Field(sa_column=_moment())
    read_by: str | None = Field(default=None, sa_column=_text(nullable=True))
    read_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    is_right: bool | None = Field(default=None, sa_column=Column(Boolean, nullable=True))
    remarks: str = Field(sa_column=Column(Text, nullable=False, server_default=""))


class ToldRow(SQLModel, table=True):
    """What a dispatcher told a citizen, or found of another's answer. Only ever added to, and sealed."""

    __tablename__ = "told"
    # An anchor reads what was added since the one before.
    __table_args__ = (Index("told_at", "at", postgresql_using="brin"), {"schema": "routing"})

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: The case's, with which it was told; of a look at dangers how many there were.
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    #: `answered`, `declined`, `merged`; `right` or `wrong`: what was found of an answer; `undone`: it was taken back;
    #: `ruled`: where such matters go, `unruled`: no more; `looked`: at what danger was told since.
    what: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=_moment())
    #: The dispatcher's account; empty: nobody's decision.
    by: str = Field(sa_column=_text())
    words: str = Field(sa_column=_text())
    #: HMAC under the audit's key.
    seal: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DroppedRequest(SQLModel, table=True):
    """What a dispatcher decided and was not done, since the case had moved on: shown to whoever decided it."""

    __tablename__ = "dropped"
    __table_args__ = (
        # A dispatcher's own, the latest first.
        Index("dropped_by", "by", text("at DESC"), text("case_id DESC")),
        {"schema": "routing"},
    )

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: The event that asked for it.
    asked: str = Field(sa_column=Column(Text, primary_key=True))
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    by: str = Field(sa_column=_text())
    review: str | None = Field(sa_column=_text(nullable=True))
    accepted: bool | None = Field(default=None, sa_column=Column(Boolean, nullable=True))
    #: Where the case stood.
    case_state: str | None = Field(sa_column=_text(nullable=True))
    at: datetime = Field(sa_column=_moment())


class LearnedModel(SQLModel, table=True):
    """One version of what was learned. At most one is `active`, at most one runs beside it as `shadow`."""

    __tablename__ = "model"
    __table_args__ = (
        Index(
            "model_running",
            "state",
            unique=True,
            postgresql_where=text("state IN ('active', 'shadow')"),
        ),
        {"schema": "routing"},
    )

    version: int = Field(sa_column=Column(Integer, Identity(always=True), primary_key=True))
    #: `active`, `shadow`, `retired`.
    state: str = Field(sa_column=_text())
    learned_at: datetime = Field(sa_column=_moment())
    #: The account of the operating system that learned it.
    learned_by: str = Field(sa_column=_text())
    #: When it last became active; the newest retired one is what a rollback brings back.
    promoted_at: datetime | None = Field(sa_column=_moment(nullable=True))
    #: What it says of itself: `routing.core.learning.model.Learned`.
    learned: dict[str, object] = Field(sa_column=_documents("{}"))
    #: As `routing.core.learning.stored` writes it.
    numbers: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Opinion(SQLModel, table=True):
    """What each classifier that ran thought of a case, to be compared with what people decided."""

    __tablename__ = "opinion"
    __table_args__ = ({"schema": "routing"},)

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: `rules`, or a version.
    model: str = Field(sa_column=Column(Text, primary_key=True))
    category: str = Field(sa_column=_text())
    lead: str = Field(sa_column=_text())
    #: It would have gone out without a person.
    sure: bool = Field(sa_column=Column(Boolean, nullable=False))


class TopicCase(SQLModel, table=True):
    """A case that was looked at for topics: where it belongs, and who wrote it."""

    __tablename__ = "topic_case"
    __table_args__ = (
        # The members of a topic.
        Index("topic_case_topic", "topic", "at"),
        # A new process learns what topics there are from the latest.
        Index("topic_case_at", "at", postgresql_where=text("topic IS NOT NULL")),
        # Whether somebody else has looked meanwhile.
        Index("topic_case_seq", "seq", unique=True),
        {"schema": "routing"},
    )

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    #: The group of cases that it belongs to, itself alone perhaps; null: no topic may have it.
    topic: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    #: When it was received.
    at: datetime = Field(sa_column=_moment())
    #: Keyed hash of who wrote; null: nothing that would tell.
    author: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))


class Topic(SQLModel, table=True):
    """A topic of two cases or more, and whether anybody was warned of it."""

    __tablename__ = "topic"
    __table_args__ = (
        # Those that grew lately.
        Index("topic_last_at", "last_at"),
        # Those that may be early warnings, in the words of `store.topics.crowded`.
        Index("topic_crowded_at", text("COALESCE(crowded_at, last_at)")),
        {"schema": "routing"},
    )

    topic: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    last_at: datetime = Field(sa_column=_moment())
    #: How many people there were when somebody was warned last, and when that was.
    warned_people: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    warned_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    #: When the message came since which it has had so many as make an early warning of as many people; `-infinity`: it has
    #: fewer; null: it has not grown since that was kept. Where fewer make one from now on, known once it grows again.
    crowded_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
