"""Cases that are open: held, changed together with their log, given their deadlines and supplements."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from handlers.core.asks import Asks
from handlers.core.case import Case, CaseChange, CaseFile
from handlers.core.chain import Detail
from schemas.events.facts import ROUTED_FACTS
from schemas.events.handlers import CaseAssigned
from schemas.events.routing import SupplementJudged
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.values import Attachment, Place
from schemas.words import CaseState, Channel, Kind, Urgency

_json = msgspec.json.Encoder()
_files = msgspec.json.Decoder(tuple[CaseFile, ...])
_details = msgspec.json.Decoder(Detail)
#: What the department has asked for, of the column that holds it.
to_asks = msgspec.json.Decoder(Asks).decode

#: What a `Case` is made of.
CASE = """case_id, state, version, assigned_at, kind, urgency, category, item, tags, lead, supporting, region,
    confidential, publish, accused, protected, withheld, routed_version, tags_corrected_at, state_before_review, due_at,
    sign_due_at, overdue, return_count, return_barred, extension_count, extension_days, asks, files, reopened_count,
    urged_count, supervised, note, response, closed_at, traceparent, log_seq, log_hash"""
_LOCK = f"""SELECT {CASE} FROM handlers.case WHERE case_id = ANY($1::uuid[])
    ORDER BY case_id FOR NO KEY UPDATE"""  # noqa: S608  made of constants
_OF_DEPARTMENTS = f"""SELECT {CASE} FROM handlers.case
    JOIN unnest($1::uuid[], $2::text[]) AS n (case_id, department) USING (case_id)
    WHERE (lead = n.department OR n.department = ANY (supporting))
        AND NOT withheld AND n.department <> ALL (accused)"""  # noqa: S608  made of constants
_LOCK_OF_DEPARTMENTS = f"""{_OF_DEPARTMENTS} ORDER BY case_id FOR NO KEY UPDATE OF "case" """


def to_case(row: Any) -> Case:
    """The case in a row that holds the columns of `CASE`."""
    before = row["state_before_review"]
    known = dict(row.items())
    known.update(
        case_id=str(row["case_id"]),
        state=CaseState(row["state"]),
        kind=Kind(row["kind"]),
        urgency=Urgency(row["urgency"]),
        supporting=tuple(row["supporting"]),
        tags=tuple(row["tags"]),
        accused=tuple(row["accused"]),
        state_before_review=None if before is None else CaseState(before),
        asks=to_asks(row["asks"]),
        files=_files.decode(row["files"]),
    )
    return Case(**known)


def to_attachments(stored: str) -> tuple[Attachment, ...]:
    """The files of a case, as the column holds them."""
    return msgspec.json.decode(stored, type=tuple[Attachment, ...])


async def lock_cases(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, Case]:
    """Those of the cases that exist, locked until the unit ends."""
    rows = await db.fetch(_LOCK, case_ids)
    return {CaseId(str(row["case_id"])): to_case(row) for row in rows}


async def lock_cases_of_departments(
    db: Database, parts: Sequence[tuple[CaseId, DepartmentCode]]
) -> dict[CaseId, Case]:
    """Those of the cases that the department named beside each leads or supports, locked until the unit ends."""
    return await _cases_of_departments(db, _LOCK_OF_DEPARTMENTS, parts)


async def read_cases_of_departments(
    db: Database, parts: Sequence[tuple[CaseId, DepartmentCode]]
) -> dict[CaseId, Case]:
    """The same as they stand now, for whoever changes none of them and waits for nobody."""
    return await _cases_of_departments(db, _OF_DEPARTMENTS, parts)


async def _cases_of_departments(
    db: Database, statement: str, parts: Sequence[tuple[CaseId, DepartmentCode]]
) -> dict[CaseId, Case]:
    rows = await db.fetch(
        statement, [case_id for case_id, _ in parts], [department for _, department in parts]
    )
    return {CaseId(str(row["case_id"])): to_case(row) for row in rows}


#: What a change stores, in this order: of the case, and of its next row in the log.
_OF_CASE = {
    "case_id": "uuid", "state": "text", "version": "int", "assigned_at": "timestamptz", "kind": "text",
    "urgency": "text", "category": "text", "item": "text", "lead": "text", "region": "text", "state_before_review": "text",
    "sign_due_at": "timestamptz", "overdue": "bool", "return_count": "int", "return_barred": "bool",
    "extension_count": "int", "extension_days": "int", "reopened_count": "int", "urged_count": "int",
    "supervised": "bool", "note": "text", "response": "text", "closed_at": "timestamptz", "log_seq": "int",
    "log_hash": "bytea", "log_seal": "bytea", "protected": "bool", "withheld": "bool", "routed_version": "int",
    "tags_corrected_at": "timestamptz",
}  # fmt: skip
_OF_ENTRY = {
    "at": "timestamptz", "actor": "text", "role": "text", "action": "text", "from_state": "text",
}  # fmt: skip
#: Lists of codes travel joined, since unnest would flatten lists of lists; the rest as JSON.
_STORED = {
    **_OF_CASE, **_OF_ENTRY, "supporting": "text", "accused": "text", "tags": "text", "asks": "text", "files": "text",
    "detail": "text",
}  # fmt: skip
_case_values = attrgetter(*_OF_CASE)
_entry_values = attrgetter(*_OF_ENTRY)


def _save_statement(rows: str) -> str:
    """The statement that stores changed cases and each one's next row of the log. `rows`: the SQL that yields the values."""
    values = {name: f"n.{name}" for name in _OF_CASE if name != "case_id"}
    values |= {name: f"string_to_array(n.{name}, ',')" for name in ("supporting", "accused", "tags")}
    values |= {name: f"n.{name}::jsonb" for name in ("asks", "files")}
    return f"""WITH n ({", ".join(_STORED)}) AS ({rows}), changed AS (
        UPDATE handlers.case AS c SET {", ".join(f"{name} = {value}" for name, value in values.items())}
        FROM n WHERE c.case_id = n.case_id
    )
    INSERT INTO handlers.log
        (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
    SELECT case_id, log_seq, at, actor, role, action, from_state, state, version, detail::jsonb, log_hash
    FROM n"""  # noqa: S608  made of constants


_PLACES = list(enumerate(_STORED.values(), start=1))
_SAVE = _save_statement(
    f"SELECT * FROM unnest({', '.join(f'${place}::{kind}[]' for place, kind in _PLACES)})"  # noqa: S608  constants
)
# The same for one case: Postgres keeps this one's plan, while it plans lists anew each time (0.2 ms).
_SAVE_ONE = _save_statement(f"SELECT {', '.join(f'${place}::{kind}' for place, kind in _PLACES)}")


async def save(db: Database, changes: Sequence[CaseChange]) -> None:
    """Store the cases as they are now, and each change's row in the log."""
    rows = [_stored(change) for change in changes]
    if len(rows) == 1:
        await db.execute(_SAVE_ONE, *rows[0])
    else:
        await db.execute(_SAVE, *zip(*rows, strict=True))


def _stored(change: CaseChange) -> tuple[object, ...]:
    """The change's values, in the order of `_STORED`."""
    detail = _json.encode(change.entry.detail).decode()
    after = change.after
    lists = (",".join(codes) for codes in (after.supporting, after.accused, after.tags))
    asks, files = (_json.encode(part).decode() for part in (change.after.asks, change.after.files))
    return (*_case_values(change.after), *_entry_values(change.entry), *lists, asks, files, detail)


async def set_deadlines(db: Database, events: Sequence[DeadlineSet]) -> None:
    """Store the deadline of each case, unless a later `deadline_version` is stored already."""
    await db.execute(
        """WITH locked AS MATERIALIZED (
            SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[])
            ORDER BY case_id FOR NO KEY UPDATE
        )
        UPDATE handlers.case AS c
        SET due_at = n.due_at, sign_due_at = n.sign_due_at, deadline_version = n.deadline_version
        FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::int[])
            AS n (case_id, due_at, sign_due_at, deadline_version)
        JOIN locked USING (case_id)
        WHERE c.case_id = n.case_id AND c.deadline_version < n.deadline_version""",
        [event.case_id for event in events],
        [event.due_at for event in events],
        [event.sign_due_at for event in events],
        [event.deadline_version for event in events],
    )


async def insert_supplements(db: Database, events: Sequence[SupplementJudged]) -> None:
    """Store what citizens said since, also of cases that are not here yet."""
    await db.execute(
        """INSERT INTO handlers.supplement (case_id, at, text, attachments, said)
        SELECT case_id, at, text, attachments::jsonb, said
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
            AS n (case_id, at, text, attachments, said)""",
        [event.case_id for event in events], [event.supplemented_at for event in events], [event.text for event in events],
        [_json.encode(event.attachments).decode() for event in events], [event.said for event in events],
    )  # fmt: skip


_ASSIGNMENTS = f"""SELECT {", ".join(ROUTED_FACTS)}, version, assigned_at AS at, return_count
    FROM handlers.case WHERE case_id = ANY($1::uuid[])"""  # noqa: S608  made of constants


async def assignments(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, CaseAssigned]:
    """The cases as a department first hears of them, texts included."""
    rows = await db.fetch(_ASSIGNMENTS, case_ids)
    return {CaseId(str(row["case_id"])): _assignment(row) for row in rows}


def _assignment(row: Any) -> CaseAssigned:
    known = dict(row.items())
    known.update(
        case_id=str(row["case_id"]),
        channel=Channel(row["channel"]),
        kind=Kind(row["kind"]),
        urgency=Urgency(row["urgency"]),
        supporting=tuple(row["supporting"]),
        accused=tuple(row["accused"]),
        tags=tuple(row["tags"]),
        place=None if row["place"] is None else msgspec.json.decode(row["place"], type=Place),
        attachments=to_attachments(row["attachments"]),
    )
    return CaseAssigned(**known)


async def acted_since(
    db: Database, case_id: CaseId, actor: str, action: str, version: int, since: datetime
) -> bool:
    """Whether the log says that `actor` did that to this version of the case, no earlier than `since`."""
    # Some rows, by the first column of the primary key.
    return bool(
        await db.fetchval(
            """
            SELECT EXISTS (SELECT FROM handlers.log
                WHERE case_id = $1 AND actor = $2 AND action = $3 AND version = $4 + 1 AND at >= $5)
            """,
            case_id,
            actor,
            action,
            version,
            since,
        )
    )


async def was_done(db: Database, case_id: CaseId, action: str, version: int) -> bool:
    """Whether the log says that anybody did that to this version of the case."""
    # Some rows, by the first column of the primary key.
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM handlers.log WHERE case_id = $1 AND action = $2 AND version = $3 + 1)",
            case_id,
            action,
            version,
        )
    )


async def log_ends(
    db: Database, case_ids: Sequence[CaseId], since: datetime
) -> dict[CaseId, tuple[str, str, Detail]]:
    """Who did what last to each case, with its detail, where that was no earlier than `since`."""
    # A row for each, by the primary key.
    rows = await db.fetch(
        """SELECT case_id, actor, action, detail FROM handlers.case AS c
        JOIN handlers.log AS l USING (case_id) WHERE case_id = ANY ($1::uuid[]) AND l.seq = c.log_seq AND l.at >= $2""",
        case_ids,
        since,
    )
    return {
        CaseId(str(row["case_id"])): (row["actor"], row["action"], _details.decode(row["detail"]))
        for row in rows
    }
