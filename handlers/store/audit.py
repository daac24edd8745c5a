"""Reading the whole log, case by case, to check its hash chains."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from handlers.core.chain import ChainHead, Detail, LogEntry
from schemas.ids import CaseId

#: Project choice: rows fetched at once, about a megabyte.
_PREFETCH = 2000

# Every case with every row of its log, in order; either may be missing. One case where $1 is given.
_CHAINS = """
SELECT case_id, c.log_seq, c.log_hash, c.state, c.version AS case_version,
    l.seq, l.at, l.actor, l.role, l.action, l.from_state, l.to_state, l.version, l.detail, l.hash
FROM (SELECT * FROM handlers.case WHERE $1::uuid IS NULL OR case_id = $1) AS c
FULL JOIN (SELECT * FROM handlers.log WHERE $1::uuid IS NULL OR case_id = $1) AS l USING (case_id)
ORDER BY case_id, l.seq
"""

Chain = tuple[CaseId, ChainHead | None, list[tuple[LogEntry, bytes]]]


async def chains(connection: Any, case_id: CaseId | None) -> AsyncIterator[Chain]:
    """Each case's chain and where the case says that it ends, streamed. Needs an open transaction."""
    held: list[Any] = []
    async for row in connection.cursor(_CHAINS, case_id, prefetch=_PREFETCH):
        if held and held[0]["case_id"] != row["case_id"]:
            yield _chain(held)
            held = []
        held.append(row)
    if held:
        yield _chain(held)


def _chain(rows: list[Any]) -> Chain:
    first = rows[0]
    case_id = CaseId(str(first["case_id"]))
    head = None
    if first["log_seq"] is not None:
        head = ChainHead(
            seq=first["log_seq"], hash=first["log_hash"], state=first["state"], version=first["case_version"]
        )
    return case_id, head, [(_entry(case_id, row), row["hash"]) for row in rows if row["seq"] is not None]


def _entry(case_id: CaseId, row: Any) -> LogEntry:
    return LogEntry(
        case_id=case_id, seq=row["seq"], at=row["at"], actor=row["actor"], role=row["role"],
        action=row["action"], from_state=row["from_state"], to_state=row["to_state"], version=row["version"],
        detail=msgspec.json.decode(row["detail"], type=Detail),
    )  # fmt: skip
