"""Opening cases, and the withdrawals that came before them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from handlers.core.case import Case
from handlers.core.chain import LogEntry
from schemas.events.facts import ROUTED_FACTS, routed_facts_of, tags_said
from schemas.events.routing import CaseRouted, WithdrawalJudged
from schemas.ids import CaseId
from schemas.ports import Database

_json = msgspec.json.Encoder()

#: The number of the advisory lock between withdrawals of unknown cases and the opening of cases: "hand", first of ours.
_OPENING_LOCK = 0x68616E64_01


async def lock_openings_shared(db: Database) -> None:
    """Keep `lock_openings` waiting until this unit ends: a withdrawal must not find a case unknown that is being opened."""
    await db.execute("SELECT pg_advisory_xact_lock_shared($1)", _OPENING_LOCK)


async def lock_openings(db: Database) -> None:
    """Wait for every unit that is opening cases, and keep new ones waiting until this unit ends."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _OPENING_LOCK)


async def withdrawn_early(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """Those of the cases that were withdrawn before they came here, with the citizen's reason."""
    rows = await db.fetch(
        "SELECT case_id, reason FROM handlers.withdrawal WHERE case_id = ANY($1::uuid[])", case_ids
    )
    return {CaseId(str(row["case_id"])): row["reason"] for row in rows}


async def remember_withdrawals(db: Database, events: Sequence[WithdrawalJudged]) -> None:
    """Keep withdrawals of cases that are not here yet; `withdrawn_early` finds them when the cases come."""
    await db.execute(
        """INSERT INTO handlers.withdrawal (case_id, at, reason)
        SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) ON CONFLICT DO NOTHING""",
        [event.case_id for event in events], [event.at for event in events], [event.reason for event in events],
    )  # fmt: skip


#: How a fact is stored, where not as text. Lists of codes travel joined, since unnest would flatten lists of lists.
_KINDS = {
    "case_id": "uuid", "received_at": "timestamptz", "has_contact": "bool", "confidential": "bool",
    "publish": "bool", "protected": "bool",
}  # fmt: skip
_OF_CASE = {name: _KINDS.get(name, "text") for name in ROUTED_FACTS} | {
    "state": "text", "version": "int", "routed_version": "int", "traceparent": "text", "log_hash": "bytea",
    "log_seal": "bytea", "message_seal": "bytea",
}  # fmt: skip
_OF_ENTRY = dict.fromkeys(("actor", "role", "action", "from_state", "detail"), "text")
_STORED = {**_OF_CASE, **_OF_ENTRY}
#: Those that are no text once they are stored.
_AS_STORED = {
    "tags": "string_to_array(tags, ',')",
    "supporting": "string_to_array(supporting, ',')",
    "accused": "string_to_array(accused, ',')",
    "place": "place::jsonb",
    "attachments": "attachments::jsonb",
}
_NOW = f"${len(_STORED) + 1}"

# A case and the first row of its log, in one statement; cases that exist already are left alone.
_INSERT = f"""
WITH n ({", ".join(_STORED)}) AS (
    SELECT * FROM unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_STORED.values(), start=1))})
), opened AS (
    INSERT INTO handlers.case ({", ".join(_OF_CASE)}, log_seq, assigned_at, closed_at)
    SELECT {", ".join(_AS_STORED.get(name, name) for name in _OF_CASE)}, 1, {_NOW}::timestamptz,
        CASE WHEN state = 'withdrawn' THEN {_NOW}::timestamptz END
    FROM n
    ON CONFLICT (case_id) DO NOTHING
    RETURNING case_id
)
INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
SELECT case_id, 1, {_NOW}, actor, role, action, from_state, state, version, detail::jsonb, log_hash
FROM n JOIN opened USING (case_id)
RETURNING case_id
"""  # noqa: S608  made of constants


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A case at its beginning: the first row of its log, the case as the row leaves it, and its message's seal."""

    entry: LogEntry
    case: Case
    message_seal: bytes


async def insert_cases(
    db: Database,
    events: Sequence[CaseRouted],
    openings: Sequence[Opening],
    traces: Sequence[str | None],
    now: datetime,
) -> set[CaseId]:
    """Store the cases that are new, each in the state that its log entry leads to, and return their ids."""
    rows = [
        (*_facts(event), *_of_opening(opening, trace), *_entry(opening.entry))
        for event, opening, trace in zip(events, openings, traces, strict=True)
    ]
    stored = await db.fetch(_INSERT, *zip(*rows, strict=True), now)
    return {CaseId(str(row["case_id"])) for row in stored}


def _facts(event: CaseRouted) -> tuple[object, ...]:
    """The event's facts, in the order of `ROUTED_FACTS`."""
    place = None if event.place is None else _json.encode(event.place).decode()
    every = {"supporting": event.supporting, "accused": event.accused, "tags": tags_said(event.tags)}
    lists = {name: ",".join(codes) for name, codes in every.items()}
    attachments = _json.encode(event.attachments).decode()
    facts = {**routed_facts_of(event), **lists, "place": place, "attachments": attachments}
    return tuple(facts.values())


def _of_opening(opening: Opening, trace: str | None) -> tuple[object, ...]:
    """What the opening adds to the facts, in the order of `_OF_CASE`."""
    case = opening.case
    return (
        case.state,
        case.version,
        case.routed_version,
        trace,
        case.log_hash,
        case.log_seal,
        opening.message_seal,
    )


def _entry(entry: LogEntry) -> tuple[str, ...]:
    """What the log's first row adds, in the order of `_OF_ENTRY`."""
    detail = _json.encode(entry.detail).decode()
    return entry.actor, entry.role, entry.action, entry.from_state, detail
