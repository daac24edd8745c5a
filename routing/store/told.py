"""What dispatchers told citizens themselves, and found of each other's answers: only ever added to, each row sealed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from schemas.ids import CaseId
from schemas.ports import Database, Unit

_json = msgspec.json.Encoder()

#: Answered by a dispatcher · declined · the answer of the case that it was merged into · read again, and found so · taken
#: back by whoever answered or declined · ruled where such matters go · that was withdrawn · read what danger was told since.
What = Literal["answered", "declined", "merged", "right", "wrong", "undone", "ruled", "unruled", "looked"]


class DispatcherSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what was told or found of a case, when and by whom, in these words.

    `version`: of the case; where somebody has looked at its dangers, how many there were by then.
    """

    case_id: CaseId
    version: int
    what: What
    at: datetime
    by: str
    words: str

    def text(self) -> bytes:
        """All that a seal of it covers, as bytes."""
        at = self.at.astimezone(UTC)
        return b"told\0" + _json.encode([self.case_id, self.version, self.what, at, self.by, self.words])


async def keep(unit: Unit, *told: DispatcherSaid) -> None:
    """Keep these, each sealed under a key that is not in the database."""
    await unit.db.execute(
        """INSERT INTO routing.told (case_id, version, what, at, by, words, seal)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::bytea[])
        ON CONFLICT DO NOTHING""",
        [each.case_id for each in told],
        [each.version for each in told],
        [each.what for each in told],
        [each.at for each in told],
        [each.by for each in told],
        [each.words for each in told],
        [unit.seal(each.text()) for each in told],
    )


async def of_cases(
    db: Database, case_ids: Sequence[CaseId]
) -> Mapping[CaseId, Sequence[tuple[DispatcherSaid, bytes]]]:
    """Every row of these cases with its seal, the first one first."""
    # Along the primary key.
    rows = await db.fetch(
        """SELECT case_id::text, version, what, at, by, words, seal FROM routing.told
        WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, version, at""",
        case_ids,
    )
    found: dict[CaseId, list[tuple[DispatcherSaid, bytes]]] = {}
    for row in rows:
        known = dict(row.items())
        seal = known.pop("seal")
        told = msgspec.convert(known, DispatcherSaid)
        found.setdefault(told.case_id, []).append((told, seal))
    return found


async def sealed(connection: Any, since: datetime | None) -> AsyncIterator[tuple[bytes, int, bytes]]:
    """Case, version and seal of each row, of those since then or all, streamed. Needs an open transaction."""
    query = "SELECT case_id, version, seal FROM routing.told"
    cursor = connection.cursor(
        *((query,) if since is None else (f"{query} WHERE at >= $1", since)), prefetch=2000
    )
    async for row in cursor:
        yield row["case_id"].bytes, row["version"], row["seal"]


async def every_case(db: Database) -> Sequence[CaseId]:
    """Every case of which there is a row."""
    # Reads the index once.
    rows = await db.fetch("SELECT DISTINCT case_id::text FROM routing.told")
    return [CaseId(row["case_id"]) for row in rows]
