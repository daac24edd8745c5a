"""Cases that are open: held, changed together with their log, given their deadlines and supplements."""

from collections.abc import Sequence
from typing import Any

import msgspec

from handlers.core.case import Case, Change
from schemas.events.commands import Command
from schemas.events.handlers import CaseAssigned
from schemas.events.intake import CaseSupplemented
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.values import Place
from schemas.words import CaseState, Channel, Kind, Urgency

_json = msgspec.json.Encoder()

#: What a `Case` is made of.
CASE = """case_id, state, version, assigned_at, kind, urgency, category, lead, supporting, region,
    confidential, publish, state_before_review, due_at, sign_due_at, overdue, return_count, return_barred,
    extension_count, extension_days, reopened_count, urged_count, supervised, note, response, closed_at,
    traceparent, log_seq, log_hash"""
_LOCK = f"""SELECT {CASE} FROM handlers.case WHERE case_id = ANY($1::uuid[])
    ORDER BY case_id FOR NO KEY UPDATE"""  # noqa: S608  made of constants
_LOCK_COMMANDED = f"""SELECT {CASE} FROM handlers.case
    JOIN unnest($1::uuid[], $2::text[]) AS n (case_id, department) USING (case_id)
    WHERE lead = n.department OR n.department = ANY (supporting)
    ORDER BY case_id FOR NO KEY UPDATE OF "case" """  # noqa: S608  made of constants
_LOCK_ONE = f"""SELECT {CASE} FROM handlers.case
    WHERE case_id = $1 AND (lead = $2 OR $2 = ANY (supporting)) FOR NO KEY UPDATE"""  # noqa: S608  made of constants


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
        state_before_review=None if before is None else CaseState(before),
    )
    return Case(**known)


async def lock(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, Case]:
    """Those of the cases that exist, held until the unit ends."""
    rows = await db.fetch(_LOCK, case_ids)
    return {CaseId(str(row["case_id"])): to_case(row) for row in rows}


async def lock_commanded(db: Database, commands: Sequence[Command]) -> dict[CaseId, Case]:
    """Those of the cases that the commanding departments take part in, held until the unit ends."""
    rows = await db.fetch(
        _LOCK_COMMANDED,
        [command.case_id for command in commands],
        [command.department for command in commands],
    )
    return {CaseId(str(row["case_id"])): to_case(row) for row in rows}


async def lock_one(db: Database, case_id: CaseId, department: DepartmentCode) -> Case | None:
    """The case, if this department takes part in it, held until the unit ends."""
    row = await db.fetchrow(_LOCK_ONE, case_id, department)
    return None if row is None else to_case(row)


# What may change of a case, and its next row in the log, in one statement.
_SAVE = """
WITH changed AS (
    UPDATE handlers.case AS c SET
        state = n.state, version = n.version, assigned_at = n.assigned_at, kind = n.kind,
        urgency = n.urgency, category = n.category, lead = n.lead,
        supporting = string_to_array(n.supporting, ','), region = n.region,
        state_before_review = n.state_before_review, sign_due_at = n.sign_due_at, overdue = n.overdue,
        return_count = n.return_count, return_barred = n.return_barred, extension_count = n.extension_count,
        extension_days = n.extension_days, reopened_count = n.reopened_count,
        urged_count = n.urged_count, supervised = n.supervised, note = n.note,
        response = n.response, closed_at = n.closed_at, log_seq = n.log_seq, log_hash = n.log_hash
    FROM unnest(
        $1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::bool[], $14::int[], $15::bool[],
        $16::int[], $17::int[], $18::int[], $19::int[], $20::bool[], $21::text[], $22::text[],
        $23::timestamptz[], $24::int[], $25::bytea[]
    ) AS n (
        case_id, state, version, assigned_at, kind, urgency, category, lead, supporting, region,
        state_before_review, sign_due_at, overdue, return_count, return_barred, extension_count,
        extension_days, reopened_count, urged_count, supervised, note, response, closed_at, log_seq, log_hash
    )
    WHERE c.case_id = n.case_id
)
INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
SELECT case_id, seq, at, actor, role, action, from_state, state, version, detail::jsonb, hash FROM unnest(
    $1::uuid[], $24::int[], $26::timestamptz[], $27::text[], $28::text[], $29::text[], $30::text[],
    $2::text[], $3::int[], $31::text[], $25::bytea[]
) AS l (case_id, seq, at, actor, role, action, from_state, state, version, detail, hash)
"""


async def save(db: Database, changes: Sequence[Change]) -> None:
    """Store the cases as they are now, and each change's row in the log."""
    cases = [change.after for change in changes]
    entries = [change.entry for change in changes]
    await db.execute(
        _SAVE,
        [c.case_id for c in cases],
        [c.state for c in cases],
        [c.version for c in cases],
        [c.assigned_at for c in cases],
        [c.kind for c in cases],
        [c.urgency for c in cases],
        [c.category for c in cases],
        [c.lead for c in cases],
        [",".join(c.supporting) for c in cases],
        [c.region for c in cases],
        [c.state_before_review for c in cases],
        [c.sign_due_at for c in cases],
        [c.overdue for c in cases],
        [c.return_count for c in cases],
        [c.return_barred for c in cases],
        [c.extension_count for c in cases],
        [c.extension_days for c in cases],
        [c.reopened_count for c in cases],
        [c.urged_count for c in cases],
        [c.supervised for c in cases],
        [c.note for c in cases],
        [c.response for c in cases],
        [c.closed_at for c in cases],
        [c.log_seq for c in cases],
        [c.log_hash for c in cases],
        [e.at for e in entries],
        [e.actor for e in entries],
        [e.role for e in entries],
        [e.action for e in entries],
        [e.from_state for e in entries],
        [_json.encode(e.detail).decode() for e in entries],
    )


async def set_deadlines(db: Database, events: Sequence[DeadlineSet]) -> None:
    """Keep each deadline, unless a later version of it is known."""
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
        [e.case_id for e in events],
        [e.due_at for e in events],
        [e.sign_due_at for e in events],
        [e.deadline_version for e in events],
    )


async def add_supplements(db: Database, events: Sequence[CaseSupplemented]) -> None:
    """Keep what citizens added, whether or not their cases are here yet."""
    await db.execute(
        """INSERT INTO handlers.supplement (case_id, at, text)
        SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[])""",
        [e.case_id for e in events], [e.at for e in events], [e.text for e in events],
    )  # fmt: skip


async def assignments(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, CaseAssigned]:
    """The cases as a department first hears of them, texts included."""
    rows = await db.fetch(
        """SELECT case_id, version, assigned_at AS at, tracking_code, channel, received_at, kind, urgency,
            category, lead, supporting, region, title, text, place, has_contact, confidential,
            publish, return_count
        FROM handlers.case WHERE case_id = ANY($1::uuid[])""",
        case_ids,
    )
    return {CaseId(str(row["case_id"])): _assignment(row) for row in rows}


def _assignment(row: Any) -> CaseAssigned:
    known = dict(row.items())
    known.update(
        case_id=str(row["case_id"]),
        channel=Channel(row["channel"]),
        kind=Kind(row["kind"]),
        urgency=Urgency(row["urgency"]),
        supporting=tuple(row["supporting"]),
        place=None if row["place"] is None else msgspec.json.decode(row["place"], type=Place),
    )
    return CaseAssigned(**known)
