"""The review queue: what waits for a dispatcher, emergencies first, then the oldest."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from routing.core.decisions.chosen_tags import TAGS_BEFORE
from routing.core.decisions.direct import RESTS_ON, RESTS_WITH
from routing.core.decisions.queue import NOBODYS, Counts, Position, Waiting
from routing.core.decisions.review import PROMISED_DAY, Item
from routing.core.decisions.undo import DONE_AT, DONE_BY
from routing.store import as_json
from routing.store.cases import read_case
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.ports import Database
from schemas.words import ReviewKind

# An item about an older version than what is known of the case (an event replayed late, or a request that crossed a move)
# is not opened, and none is opened twice. A reply is: whoever moved the case meanwhile was too late.
_OPEN = """
INSERT INTO routing.review_item (case_id, kind, version, opened_at, candidates, reasons, detail)
SELECT i.case_id, i.kind, i.version, $4, i.candidates::jsonb, i.reasons::jsonb, i.detail::jsonb
FROM unnest($1::uuid[], $2::text[], $3::int[], $5::text[], $6::text[], $7::text[])
    AS i(case_id, kind, version, candidates, reasons, detail)
JOIN routing.case AS c ON c.case_id = i.case_id AND c.state IN ('open', 'routed')
    AND (c.version <= i.version OR (i.kind = 'reply' AND c.state = 'routed'))
WHERE NOT EXISTS (
    SELECT FROM routing.review_item AS newer WHERE newer.case_id = i.case_id AND newer.version > i.version)
ON CONFLICT (case_id, kind, version) DO NOTHING
RETURNING case_id::text
"""


async def open_items(db: Database, items: Sequence[Item], at: datetime) -> set[str]:
    """Put items in the queue; the cases of those that were opened."""
    rows = await db.fetch(
        _OPEN,
        [item.case_id for item in items],
        [item.kind for item in items],
        [item.version for item in items],
        at,
        [as_json(item.candidates) for item in items],
        [as_json(item.reasons) for item in items],
        [as_json(item.detail) for item in items],
    )
    return {row[0] for row in rows}


async def count_unsure(db: Database, unsure: str) -> int:
    """How many new cases wait for a dispatcher for this doubt alone."""
    # The queue's index: what is decided is not in it.
    count: int = await db.fetchval(
        """SELECT count(*) FROM routing.review_item
        WHERE state = 'open' AND kind = 'dispatch' AND detail -> 'doubts' = jsonb_build_array($1::text)""",
        unsure,
    )
    return count


# Only open items are touched: where nothing waits, which is the rule, this writes nothing. A dispatch that waits about
# a case with a department is there because its citizen accused somebody (`steps/supplement.py`): nothing that the
# department does may end it; only the case's end does (`$4`).
_SUPERSEDE = """
UPDATE routing.review_item AS item SET state = 'superseded', decided_at = $3
FROM (
    SELECT o.case_id, o.kind, o.version FROM unnest($1::uuid[], $2::int[]) AS e(case_id, version)
    JOIN routing.review_item AS o ON o.case_id = e.case_id AND o.state = 'open' AND o.version < e.version
        AND ($4 OR o.kind NOT IN ('dispatch', 'objection'))
    ORDER BY o.case_id, o.kind, o.version FOR UPDATE OF o
) AS stale
WHERE (item.case_id, item.kind, item.version) = (stale.case_id, stale.kind, stale.version)
"""


async def supersede(
    db: Database, versions: Mapping[CaseId, int], at: datetime, *, ended: bool = False
) -> None:
    """Close open items that are about an older version of their case. `ended`: dispatches too."""
    await db.execute(_SUPERSEDE, list(versions), list(versions.values()), at, ended)


async def lock_items(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, list[Item]]:
    """Every item that these cases ever had, locked; the oldest version first. Lock the cases before."""
    rows = await db.fetch(
        """SELECT * FROM routing.review_item WHERE case_id = ANY($1::uuid[])
        ORDER BY case_id, version, kind FOR UPDATE""",
        case_ids,
    )
    found: dict[CaseId, list[Item]] = {case_id: [] for case_id in case_ids}
    for item in map(_item, rows):
        found[item.case_id].append(item)
    return found


async def waiting(db: Database, case_id: CaseId) -> list[Item]:
    """What waits for a decision about one case."""
    return [item for item in await of_case(db, case_id) if item.state == "open"]


# A dispatcher is told beside the rest why the case is not withdrawn.
_NOTE = """
UPDATE routing.review_item AS item SET detail = jsonb_set(detail, '{doubts}',
    $2::jsonb || (coalesce(detail->'doubts', '[]') - ($2::jsonb->>0)))
FROM (SELECT case_id, kind, version FROM routing.review_item
    WHERE case_id = ANY($1::uuid[]) AND kind = 'dispatch' AND state = 'open'
    ORDER BY case_id, version FOR UPDATE) AS o
WHERE (item.case_id, item.kind, item.version) = (o.case_id, o.kind, o.version)
"""


async def note_doubt(db: Database, case_ids: Sequence[CaseId], doubt: str) -> None:
    """The dispatches that wait for these cases have this doubt, too, before the others."""
    await db.execute(_NOTE, list(case_ids), as_json([doubt]))


async def note_version(db: Database, item: Item, what: str, version: int) -> None:
    """Keep with this item that version of its case, under that name."""
    await _keep(db, item, {what: version})


async def note_entry(db: Database, item: Item, entry_id: EntryId, owner: DepartmentCode) -> None:
    """Keep with this item which entry it was answered from, and the department that answers for that."""
    await _keep(db, item, {RESTS_ON: entry_id, RESTS_WITH: owner})


async def note_day(db: Database, item: Item, day: str) -> None:
    """Keep with this item which day was promised."""
    await _keep(db, item, {PROMISED_DAY: day})


async def note_done(db: Database, item: Item, by: str, at: datetime) -> None:
    """Keep with this item who did something with its case that decides no item, and when."""
    await _keep(db, item, {DONE_BY: by, DONE_AT: at.isoformat()})


async def note_before(db: Database, item: Item, before: Mapping[str, Any]) -> None:
    """Keep with this item what the decision about it changed of its case: as it was before, by name."""
    if before:
        await _keep(db, item, before)


async def forget_tags(db: Database, case_id: CaseId) -> None:
    """No decision about this case brings back the tags of before it."""
    await db.execute(
        "UPDATE routing.review_item SET detail = detail - $2 WHERE case_id = $1 AND detail ? $2",
        case_id,
        TAGS_BEFORE,
    )


async def _keep(db: Database, item: Item, more: Mapping[str, Any]) -> None:
    await db.execute(
        """UPDATE routing.review_item SET detail = detail || $4::jsonb
        WHERE case_id = $1 AND kind = $2 AND version = $3""",
        item.case_id,
        item.kind,
        item.version,
        as_json(more),
    )


async def forget_version(db: Database, case_id: CaseId, what: str) -> None:
    """The case's items keep no version under that name any more."""
    await db.execute(
        "UPDATE routing.review_item SET detail = detail - $2::text WHERE case_id = $1 AND detail ? $2::text",
        case_id,
        what,
    )


async def doubted(db: Database, case_ids: Sequence[CaseId], doubt: str) -> set[CaseId]:
    """Those of the cases about which a dispatcher has that doubt now."""
    rows = await db.fetch(
        """SELECT DISTINCT case_id FROM routing.review_item WHERE case_id = ANY ($1::uuid[]) AND kind = 'dispatch'
        AND state = 'open' AND detail->'doubts' ? $2""",
        case_ids,
        doubt,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """An item, who decided it, and how."""

    item: Item
    by: str
    accepted: bool


async def of_case(db: Database, case_id: CaseId) -> list[Item]:
    """Every item that the case ever had, the oldest version first."""
    rows = await db.fetch(
        "SELECT * FROM routing.review_item WHERE case_id = $1 ORDER BY version, kind", case_id
    )
    return [_item(row) for row in rows]


async def close_items(db: Database, decided: Sequence[Closed], at: datetime) -> None:
    """The items are decided, each by whom and as it says."""
    await db.execute(
        """
        UPDATE routing.review_item AS item
        SET state = 'decided', decided_by = n.decided_by, decided_at = $5, accepted = n.accepted
        FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $6::bool[])
            AS n (case_id, kind, version, decided_by, accepted)
        WHERE (item.case_id, item.kind, item.version) = (n.case_id, n.kind, n.version)
        """,
        [one.item.case_id for one in decided],
        [one.item.kind for one in decided],
        [one.item.version for one in decided],
        [one.by for one in decided],
        at,
        [one.accepted for one in decided],
    )


async def supersede_these(db: Database, found: Sequence[Item], at: datetime) -> None:
    """Close open items that nobody has to decide any more."""
    if not found:
        return
    # By the primary key; the case is locked.
    await db.execute(
        """
        UPDATE routing.review_item AS item SET state = 'superseded', decided_at = $4
        FROM unnest($1::uuid[], $2::text[], $3::int[]) AS n (case_id, kind, version)
        WHERE (item.case_id, item.kind, item.version) = (n.case_id, n.kind, n.version)
        """,
        [item.case_id for item in found],
        [item.kind for item in found],
        [item.version for item in found],
        at,
    )


async def decided_since(
    db: Database,
    case_id: CaseId,
    kind: ReviewKind | None,
    version: int,
    by: str,
    since: datetime,
    *,
    accepted: bool | None,
) -> bool:
    """Whether `by` decided this item, no earlier than `since`, and so; either way if `accepted` is None."""
    # One row by the primary key; some by its first column without a kind.
    return bool(
        await db.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM routing.review_item
                WHERE case_id = $1::uuid AND ($2::text IS NULL OR kind = $2) AND version = $3
                    AND state = 'decided' AND decided_by = $4 AND decided_at >= $5
                    AND ($6::bool IS NULL OR accepted = $6))
            """,
            case_id,
            kind,
            version,
            by,
            since,
            accepted,
        )
    )


async def count_waiting(db: Database, kind: ReviewKind | None, among: Sequence[CaseId]) -> int:
    """How many of these cases have an open item, of that kind if one is given."""
    count: int = await db.fetchval(
        """SELECT count(DISTINCT case_id) FROM routing.review_item
        WHERE state = 'open' AND case_id = ANY ($1::uuid[]) AND ($2::text IS NULL OR kind = $2)""",
        list(among),
        kind,
    )
    return count


#: Emergencies, whoever has them: few, by an index of theirs. Read before anything else, so that a plan made for all values
#: reads no queue to its end where none of them waits.
_EMERGENCIES = """(SELECT * FROM routing.case
    WHERE urgency = 'emergency' AND state IN ('open', 'routed') AND response IS NULL OFFSET 0)"""
#: See `Waiting.is_emergency`.
_IS_EMERGENCY = """c.urgency = 'emergency' AND c.state IN ('open', 'routed') AND c.response IS NULL
    AND (c.state = 'open' OR i.kind = ANY ($8::text[]))"""
# Keyset: what comes after the last one shown, on the partial index of open items; only emergencies, or only the rest. The
# item's columns come as JSON, so that both tables keep their own names.
_QUEUE = """
SELECT c.*, to_jsonb(i) AS item
FROM routing.review_item AS i JOIN {cases} AS c ON c.case_id = i.case_id
WHERE i.state = 'open' AND ($1::text IS NULL OR i.kind = $1)
    AND ($2::timestamptz IS NULL
        OR (i.opened_at, i.case_id, i.kind, i.version) > ($2, $3::uuid, $4::text, $5::int))
    AND {which} AND i.case_id <> ALL ($7::uuid[])
ORDER BY i.opened_at, i.case_id, i.kind, i.version LIMIT $6
"""
_HEAD = _QUEUE.format(cases=_EMERGENCIES, which=_IS_EMERGENCY)
_REST = _QUEUE.format(cases="routing.case", which=f"NOT ({_IS_EMERGENCY})")


async def queue(
    db: Database,
    kind: ReviewKind | None,
    after: Position | None,
    limit: int,
    *,
    without: Sequence[CaseId] = (),
) -> list[Waiting]:
    """Open items after a position: emergencies, which do not wait for their turn, then the rest; each oldest first.

    `without`: of these cases none.
    """
    if after is not None and not after.emergency:
        return await _queued(db, kind, after, limit, without, emergency=False)
    first = await _queued(db, kind, after, limit, without, emergency=True)
    return first + await _queued(db, kind, None, limit - len(first), without, emergency=False)


async def _queued(
    db: Database,
    kind: ReviewKind | None,
    after: Position | None,
    limit: int,
    without: Sequence[CaseId],
    *,
    emergency: bool,
) -> list[Waiting]:
    position = (after.opened_at, after.case_id, after.kind, after.version) if after else (None,) * 4
    asked = (kind, *position, limit, list(without), list(NOBODYS))
    return as_waiting(await db.fetch(_HEAD if emergency else _REST, *asked))


def as_waiting(rows: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    """Rows of cases, each with its item as JSON."""
    found = [dict(row) for row in rows]
    return [
        Waiting(item=msgspec.json.decode(row.pop("item"), type=Item), case=read_case(row)) for row in found
    ]


async def count(db: Database) -> Counts:
    """How many items wait, by kind."""
    rows = await db.fetch(
        "SELECT kind, count(*) AS n FROM routing.review_item WHERE state = 'open' GROUP BY kind"
    )
    return {ReviewKind(row["kind"]): row["n"] for row in rows}


async def count_open_to_staff(db: Database, since: datetime) -> tuple[int, int]:
    """How many items were opened since then, and how many wait: of cases that may be named beside others."""
    # All that waits, by the index of open items, some times a day.
    row = await db.fetchrow(
        """
        SELECT count(*) FILTER (WHERE i.opened_at > $1) AS new, count(*) AS waiting
        FROM routing.review_item AS i JOIN routing.case AS c USING (case_id)
        WHERE i.state = 'open' AND NOT c.confidential AND NOT c.protected AND c.kind <> 'report' AND c.accused = '{}'
            AND c.cleared = '[]'
        """,
        since,
    )
    return row["new"], row["waiting"]


def _item(row: Mapping[str, Any]) -> Item:
    values = dict(row)
    values["case_id"] = str(values["case_id"])
    for name in ("candidates", "reasons", "detail"):
        values[name] = msgspec.json.decode(values[name])
    return msgspec.convert(values, Item)
