"""Routed cases: kept as the rules saw them, changed by what citizens and dispatchers do."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from routing.core.classify import Classification
from routing.core.decisions.review import RoutingCase
from routing.store import as_json
from schemas.events.intake import CaseRegistered, DuplicateSuspected
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.values import Attachment

#: Characters of supplements kept for the dispatcher; the department gets all of them from intake. Project choice: two of the
#: longest messages.
_SUPPLEMENT_LIMIT = 20_000

# A case that is here already (an event replayed) stays as it is, and is not returned.
_INSERT = """
INSERT INTO routing.case (
    case_id, tracking_code, channel, received_at, kind, urgency, category, lead, supporting,
    region, title, text, place, has_contact, confidential, publish, version, state,
    probability, decided_by, accused, protected, model, attachments, only_named, item, tags)
SELECT
    case_id, tracking_code, channel, received_at, kind, urgency, category, lead,
    string_to_array(supporting, ','), region, title, text, place::jsonb, has_contact, confidential, publish,
    version, state, probability, decided_by, string_to_array(accused, ','), protected, model,
    attachments::jsonb, string_to_array(only_named, ','), item, string_to_array(tags, ',')
FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bool[], $15::bool[], $16::bool[],
    $17::int[], $18::text[], $19::float8[], $20::text[], $21::text[], $22::bool[], $23::text[],
    $24::text[], $25::text[], $26::text[], $27::text[]
) AS i (
    case_id, tracking_code, channel, received_at, kind, urgency, category, lead, supporting,
    region, title, text, place, has_contact, confidential, publish, version, state,
    probability, decided_by, accused, protected, model, attachments, only_named, item, tags)
ON CONFLICT (case_id) DO NOTHING
RETURNING case_id::text
"""


async def insert_cases(
    db: Database, events: Sequence[CaseRegistered], opinions: Sequence[Classification]
) -> set[str]:
    """Keep new cases as the rules see them; the ids of those that are new."""
    rows = await db.fetch(
        _INSERT,
        [event.case_id for event in events],
        [event.tracking_code for event in events],
        [event.channel for event in events],
        [event.received_at for event in events],
        [opinion.kind for opinion in opinions],
        [opinion.urgency for opinion in opinions],
        [opinion.category for opinion in opinions],
        [opinion.lead for opinion in opinions],
        [",".join(opinion.supporting) for opinion in opinions],
        [opinion.region for opinion in opinions],
        [event.title for event in events],
        [event.text for event in events],
        [as_json(event.place) if event.place else None for event in events],
        [event.has_contact for event in events],
        [event.confidential for event in events],
        [event.publish for event in events],
        [event.version + 1 for event in events],
        ["open" if opinion.doubts else "routed" for opinion in opinions],
        [opinion.probability for opinion in opinions],
        [None if opinion.doubts else "rules" for opinion in opinions],
        [",".join(opinion.accused) for opinion in opinions],
        [opinion.protected for opinion in opinions],
        [opinion.model for opinion in opinions],
        [as_json(event.attachments) for event in events],
        [",".join(opinion.only_named) for opinion in opinions],
        [opinion.item for opinion in opinions],
        [",".join(opinion.tags) for opinion in opinions],
    )
    return {row[0] for row in rows}


# `$5`: while a dispatcher has the case, or something to decide about it, such as its answer: who approves that it is mended
# must read that it broke again. Other additions are the department's, but for those that accuse somebody.
_SUPPLEMENT = """
UPDATE routing.case AS c SET supplement = left(concat_ws(E'\\n\\n', nullif(c.supplement, ''), s.text), $3),
    added_files = c.added_files || s.files::jsonb
FROM (
    SELECT o.case_id, e.text, e.files FROM unnest($1::uuid[], $2::text[], $4::text[]) AS e(case_id, text, files)
    JOIN routing.case AS o ON o.case_id = e.case_id AND (NOT $5 OR o.state = 'open' OR o.state = 'routed' AND EXISTS (
        SELECT FROM routing.review_item AS i WHERE i.case_id = e.case_id AND i.state = 'open'
    )) ORDER BY o.case_id FOR UPDATE OF o
) AS s
WHERE c.case_id = s.case_id
"""


# Whom later additions accuse is protected from them whoever has the case.
_ACCUSE = """
UPDATE routing.case AS c SET accused = string_to_array(n.accused, ','), protected = true, item = NULL, tags = '{}',
    only_named = string_to_array(n.only_named, ','), cleared = n.cleared::jsonb
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS n (case_id, accused, only_named, cleared)
WHERE c.case_id = n.case_id
"""


async def protect_cases(db: Database, protected: Sequence[RoutingCase]) -> None:
    """Keep whom these cases accuse, and who was found not to be. Lock them before."""
    await db.execute(
        _ACCUSE,
        [case.case_id for case in protected],
        [",".join(case.accused) for case in protected],
        [",".join(case.only_named) for case in protected],
        [as_json(case.cleared) for case in protected],
    )


class WordsSince(NamedTuple):
    """What a citizen said of a case since, and the files that came with it."""

    case_id: CaseId
    text: str
    files: tuple[Attachment, ...] = ()


async def add_words(db: Database, said: Sequence[WordsSince], *, only_waiting: bool = False) -> None:
    """Add what citizens wrote to their cases, for dispatchers to read.

    `only_waiting`: to those about which a dispatcher has something to decide.
    """
    await db.execute(
        _SUPPLEMENT,
        [each.case_id for each in said],
        [each.text for each in said],
        _SUPPLEMENT_LIMIT,
        [as_json(each.files) for each in said],
        only_waiting,
    )


# `$2`: only cases that are still in review, or that their citizens had merged themselves; these end here, under a version
# that is newer than whatever was asked about them. What waits about them ends with them.
_WITHDRAW = """
WITH told AS (SELECT * FROM unnest($1::uuid[], $4::int[]) AS t (case_id, version)), held AS (
    SELECT c.case_id, GREATEST(c.version, told.version, (
        SELECT max(i.version) FROM routing.review_item AS i WHERE i.case_id = c.case_id)) + 1 AS version
    FROM routing.case AS c JOIN told USING (case_id)
    WHERE c.state = 'open' OR (c.state = 'routed' AND NOT $2) OR (c.state = 'merged' AND c.me_too AND $2)
    ORDER BY c.case_id FOR UPDATE OF c
), ended AS (
    UPDATE routing.case AS c
    SET state = 'withdrawn', merged_into = NULL, version = CASE WHEN $2 THEN held.version ELSE c.version END
    FROM held WHERE c.case_id = held.case_id
), cancelled AS (
    UPDATE routing.review_item AS item SET state = 'superseded', decided_at = $3
    FROM held WHERE item.case_id = held.case_id AND item.state = 'open'
)
SELECT case_id::text, version FROM held
"""


async def withdraw_cases(
    db: Database, versions: Mapping[CaseId, int], at: datetime, *, only_open: bool
) -> dict[CaseId, int]:
    """Remember that cases were withdrawn, and cancel what waits about them; returns them with their next version.

    `versions`: the newest that whoever withdrew them saw.
    """
    rows = await db.fetch(_WITHDRAW, list(versions), only_open, at, list(versions.values()))
    return {CaseId(case_id): version for case_id, version in rows}


# The most similar earlier case is the one shown.
_SUSPECT = """
UPDATE routing.case AS c SET suspected_duplicate = d.similar_to, similarity = d.similarity
FROM (
    SELECT o.case_id, e.similar_to, e.similarity
    FROM unnest($1::uuid[], $2::uuid[], $3::float8[]) AS e(case_id, similar_to, similarity)
    JOIN routing.case AS o ON o.case_id = e.case_id AND coalesce(o.similarity, -1) < e.similarity
    ORDER BY o.case_id FOR UPDATE OF o
) AS d
WHERE c.case_id = d.case_id
"""


async def suspect_duplicates(db: Database, events: Sequence[DuplicateSuspected]) -> None:
    """Note which earlier case each of these looks like."""
    await db.execute(
        _SUSPECT,
        [event.case_id for event in events],
        [event.similar_to for event in events],
        [event.similarity for event in events],
    )


async def known(db: Database, case_ids: Iterable[str]) -> set[str]:
    """Those of `case_ids` that are kept here."""
    rows = await db.fetch(
        "SELECT case_id::text FROM routing.case WHERE case_id = ANY($1::uuid[])", list(case_ids)
    )
    return {row[0] for row in rows}


async def lock_cases(db: Database, case_ids: Iterable[str]) -> dict[str, RoutingCase]:
    """Cases, locked until the unit ends, always in the order of their ids."""
    rows = await db.fetch(
        "SELECT * FROM routing.case WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE",
        sorted(set(case_ids)),
    )
    return {str(row["case_id"]): read_case(row) for row in rows}


async def find(db: Database, case_id: CaseId) -> RoutingCase | None:
    """The case with this id as routing keeps it; None where routing has none."""
    row = await db.fetchrow("SELECT * FROM routing.case WHERE case_id = $1", case_id)
    return read_case(row) if row else None


async def find_all(db: Database, case_ids: Iterable[str]) -> dict[str, RoutingCase]:
    """Those of these cases that routing has."""
    rows = await db.fetch("SELECT * FROM routing.case WHERE case_id = ANY($1::uuid[])", list(case_ids))
    return {str(row["case_id"]): read_case(row) for row in rows}


async def find_by_code(db: Database, tracking_code: str) -> CaseId | None:
    """The case with that tracking code."""
    found = await db.fetchval("SELECT case_id FROM routing.case WHERE tracking_code = $1", tracking_code)
    return CaseId(str(found)) if found else None


async def withdrawn_among(db: Database, case_ids: Sequence[CaseId]) -> Set[CaseId]:
    """Those of the cases that were withdrawn for good."""
    # Some rows by their primary keys.
    rows = await db.fetch(
        "SELECT case_id FROM routing.case WHERE case_id = ANY($1::uuid[]) AND state = 'withdrawn'",
        list(case_ids),
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def decided_among(db: Database, case_ids: Sequence[CaseId], since: datetime) -> Set[CaseId]:
    """Those of the cases about which a dispatcher decided something since then."""
    # Some rows along the primary key.
    rows = await db.fetch(
        "SELECT DISTINCT case_id FROM routing.review_item WHERE case_id = ANY($1::uuid[]) AND decided_at > $2",
        list(case_ids),
        since,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def has_merged(db: Database, case_id: CaseId) -> bool:
    """Whether other cases were merged into this one."""
    return bool(
        await db.fetchval("SELECT EXISTS (SELECT FROM routing.case WHERE merged_into = $1::uuid)", case_id)
    )


async def lock_merged(db: Database, targets: Sequence[CaseId]) -> list[RoutingCase]:
    """The cases that were merged into these, locked in the order of their ids."""
    rows = await db.fetch(
        """SELECT * FROM routing.case WHERE merged_into = ANY($1::uuid[]) AND state = 'merged'
        ORDER BY case_id FOR UPDATE""",
        targets,
    )
    return [read_case(row) for row in rows]


async def private_targets(db: Database, limit: int) -> list[CaseId]:
    """Cases that only their own citizen may read, and that others were merged into."""
    # Along the index of merged cases, which are few.
    rows = await db.fetch(
        """
        SELECT DISTINCT t.case_id FROM routing.case AS m JOIN routing.case AS t ON t.case_id = m.merged_into
        WHERE m.state = 'merged' AND (t.confidential OR t.protected) ORDER BY t.case_id LIMIT $1
        """,
        limit,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def keep_responses(
    db: Database, responses: Mapping[CaseId, str | None], files: Mapping[CaseId, Sequence[Attachment]]
) -> None:
    """Keep what these cases were answered, with its files; or that they wait for an answer again."""
    await db.execute(
        """UPDATE routing.case AS c SET response = n.response, response_files = n.files::jsonb
        FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n (case_id, response, files) WHERE c.case_id = n.case_id""",
        list(responses),
        list(responses.values()),
        [as_json(files.get(case_id, ())) for case_id in responses],
    )


async def note_publication(db: Database, said: Mapping[CaseId, bool]) -> None:
    """Note whether everybody may read the answers of these cases, as their citizens say now."""
    # A few rows by their primary key.
    await db.execute(
        """
        UPDATE routing.case AS c SET publish = t.allowed
        FROM unnest($1::uuid[], $2::bool[]) AS t (case_id, allowed) WHERE c.case_id = t.case_id
        """,
        list(said),
        list(said.values()),
    )


async def note_me_too(db: Database, case_ids: Sequence[CaseId]) -> None:
    """The citizens of these new cases say that a public matter is theirs, too."""
    await db.execute("UPDATE routing.case SET me_too = true WHERE case_id = ANY($1::uuid[])", list(case_ids))


async def count_urgings(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Each of these was urged once more, as often as it is named."""
    await db.execute(
        """UPDATE routing.case AS c SET urged_count = c.urged_count + n.times
        FROM (SELECT case_id, count(*) AS times FROM unnest($1::uuid[]) AS u (case_id) GROUP BY case_id) AS n
        WHERE c.case_id = n.case_id""",
        list(case_ids),
    )


async def save(db: Database, case: RoutingCase) -> None:
    """What a decision changed of a case."""
    await db.execute(
        """
        UPDATE routing.case SET category = $2, lead = $3, supporting = $4::text[], state = $5,
            decided_by = $6, version = $7, merged_into = $8::uuid, probability = $9, parts = $10::jsonb,
            before_move = $11::jsonb, item = $12, tags = $13::text[], urgency = $14
        WHERE case_id = $1
        """,
        case.case_id,
        case.category,
        case.lead,
        list(case.supporting),
        case.state,
        case.decided_by,
        case.version,
        case.merged_into,
        case.probability,
        as_json(case.parts),
        as_json(case.before_move) if case.before_move else None,
        case.item,
        list(case.tags),
        case.urgency,
    )


async def move(db: Database, moved: Sequence[RoutingCase]) -> None:
    """Keep where these cases stand, and of which version; of the rest of them nothing has changed."""
    # A public matter may have thousands beside it: one statement, by the primary key.
    await db.execute(
        """
        UPDATE routing.case AS c
        SET state = n.state, decided_by = n.decided_by, version = n.version, merged_into = n.merged_into
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::uuid[])
            AS n (case_id, state, decided_by, version, merged_into)
        WHERE c.case_id = n.case_id
        """,
        [case.case_id for case in moved],
        [case.state for case in moved],
        [case.decided_by for case in moved],
        [case.version for case in moved],
        [case.merged_into for case in moved],
    )


def read_case(row: Mapping[str, Any]) -> RoutingCase:
    """A row of `routing.case` as a value."""
    values = dict(row)
    for name in ("case_id", "suspected_duplicate", "merged_into"):
        values[name] = str(values[name]) if values[name] else None
    values["place"] = msgspec.json.decode(values["place"]) if values["place"] else None
    values["before_move"] = msgspec.json.decode(values["before_move"]) if values["before_move"] else None
    for name in ("attachments", "added_files", "response_files", "cleared", "parts"):
        values[name] = msgspec.json.decode(values[name])
    return msgspec.convert(values, RoutingCase)
