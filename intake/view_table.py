"""The table of what the citizen sees: which event said what of it, also where an earlier release heard it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, SmallInteger, Text, false, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field, SQLModel


def _text() -> Any:
    return Column(Text, nullable=True)


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=True)


def _version() -> Any:
    return Column(Integer, nullable=True)


#: What has a version of its own in a citizen's view.
_SAID = ("category", "department", "region", "objection_until", "question", "promised_on")


def _unversioned(name: str) -> str:
    said = f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    return f"{said} AND NEW.{name}_version IS NOT DISTINCT FROM OLD.{name}_version"


#: Of what may be said anew as it was: the lines that come with it. A region is none of it: an assignment need not name one.
_SAID_WITH = {
    "category": "'assigned', 'move_undone', 'answered', 'answered_directly'",
    "department": "'assigned', 'move_undone', 'answered'",
}


def _said_as_it_was(name: str) -> str:
    line = f"NEW.timeline -> -1 ->> 'event' IN ({_SAID_WITH[name]})"
    is_unversioned = f"NEW.{name} IS NOT NULL AND NEW.{name}_version IS NOT DISTINCT FROM OLD.{name}_version"
    return f"NEW.version > OLD.version AND {is_unversioned} AND {line} AND NEW.timeline <> OLD.timeline"


_NOTED = {name: _unversioned(name) for name in _SAID} | {
    name: f"({_unversioned(name)} OR {_said_as_it_was(name)})" for name in _SAID_WITH
}
#: An earlier release says these without their versions: none that is heard later and is older may say them otherwise.
_NOTE_VERSIONS: tuple[str, ...] = (
    f"""CREATE OR REPLACE FUNCTION intake.note_versions() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        {" ".join(f"IF {said} THEN NEW.{name}_version = NEW.version; END IF;" for name, said in _NOTED.items())}
        RETURN NEW;
    END $$""",
    f"""CREATE OR REPLACE TRIGGER view_knows_what_an_older_release_says BEFORE UPDATE ON intake.view
    FOR EACH ROW WHEN ({" OR ".join(_NOTED.values())}) EXECUTE FUNCTION intake.note_versions()""",
)


class CitizenView(SQLModel, table=True):
    """What the citizen sees of a case since it was registered; no row means that nothing happened yet."""

    __tablename__ = "view"
    __table_args__ = (
        # Who reads another case's answer: few rows.
        Index("view_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        # Rows are updated a dozen times: room on the page keeps the updates off the index.
        {
            "schema": "intake",
            "postgresql_with": {"fillfactor": "70"},
            "info": {"after_create": _NOTE_VERSIONS},
        },
    )

    case_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    #: None: nothing was heard of it since it was registered.
    state: str | None = Field(sa_column=_text())
    version: int = Field(sa_column=Column(Integer, nullable=False, server_default="1"))
    category: str | None = Field(sa_column=_text())
    department: str | None = Field(sa_column=_text())
    region: str | None = Field(sa_column=_text())
    due_at: datetime | None = Field(sa_column=_moment())
    deadline_version: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    #: The holidays of a year on the way are not announced yet: the date may move.
    provisional: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    response: str | None = Field(sa_column=_text())
    response_at: datetime | None = Field(sa_column=_moment())
    #: The case that answers for this one (并单).
    merged_into: str | None = Field(sa_column=Column(UUID(as_uuid=False), nullable=True))
    rating: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    rating_comment: str | None = Field(sa_column=_text())
    #: Written by earlier releases, and read by none: the next one drops it. The timeline has the line.
    objected_at: datetime | None = Field(sa_column=_moment())
    withdrawal_at: datetime | None = Field(sa_column=_moment())
    #: What the citizen said of publication since the message; null: what they said with it counts.
    may_publish: bool | None = Field(default=None, sa_column=Column(Boolean, nullable=True))
    #: Staff let nobody else read the answer, whatever the citizen says: the last row of `intake.publication_limit`.
    is_withheld: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    #: Likewise the pictures beside it.
    hides_pictures: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    #: Single ones of them, where not all are hidden.
    hidden_pictures: list[str] | None = Field(
        default=None, sa_column=Column(ARRAY(UUID(as_uuid=False)), nullable=True)
    )
    #: What the citizen may do next, as handlers said, less what was used since; null before any department has the case.
    citizen_may: list[str] | None = Field(sa_column=Column(ARRAY(Text), nullable=True))
    #: The last moment for an objection, where handlers or routing named one.
    objection_until: datetime | None = Field(default=None, sa_column=_moment())
    #: What the department asked last: `{"text", "until"}`; it waits for the answer while that is in `citizen_may`.
    question: dict[str, object] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
    #: The day that the citizen was promised.
    promised_on: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    #: `[{"at", "event", …}]`, in the order in which it was heard.
    timeline: list[dict[str, object]] = Field(sa_column=Column(JSONB, nullable=False, server_default="[]"))
    #: The version of what said each of these last; null: nothing did, or it was not kept yet.
    category_version: int | None = Field(default=None, sa_column=_version())
    department_version: int | None = Field(default=None, sa_column=_version())
    region_version: int | None = Field(default=None, sa_column=_version())
    objection_until_version: int | None = Field(default=None, sa_column=_version())
    question_version: int | None = Field(default=None, sa_column=_version())
    promised_on_version: int | None = Field(default=None, sa_column=_version())
    #: The same of the deadline, where that is the one of this `deadline_version` (an earlier release keeps others without),
    #: and up to which version deadlines count no more.
    due_version: int | None = Field(default=None, sa_column=_version())
    due_of: int | None = Field(default=None, sa_column=_version())
    due_over: int | None = Field(default=None, sa_column=_version())
