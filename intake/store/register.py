"""The register: cases as they came in, what is sealed, what was added later."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from intake.core.notices import is_of_old_list
from intake.core.registration import PreparedMessage
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import CaseState

#: How far back a message counts as said before. Project choice.
RESEMBLANCE_WINDOW = timedelta(days=7)
#: Cases of one telephone that are put in the order of time (project choice: a dozen milliseconds, and years of one caller).
MOST_COMPARED = 1000


async def content_hashes_of_keys(db: Database, key_hashes: Sequence[str]) -> Mapping[str, str]:
    """The content (its hash, hex) that each idempotency key stood for, if it did for any."""
    # For each key at most one row of an index: the first case that came with it.
    rows = await db.fetch(
        """
        SELECT asked.key, known.content_hash FROM unnest($1::bytea[]) AS asked (key) CROSS JOIN LATERAL (
            SELECT content_hash FROM intake.case WHERE key_hash = asked.key ORDER BY received_at LIMIT 1
        ) AS known
        """,
        [bytes.fromhex(key_hash) for key_hash in key_hashes],
    )
    return {row["key"].hex(): row["content_hash"].hex() for row in rows}


async def received_under_keys(
    db: Database, key_hashes: Sequence[str]
) -> Sequence[tuple[str, datetime, bool]]:
    """Of each idempotency key that a case came with: when the first one was received, and whether it was withdrawn."""
    rows = await db.fetch(
        """
        SELECT DISTINCT ON (c.key_hash) c.key_hash, c.received_at, coalesce(v.state = $2, false) AS is_withdrawn
        FROM intake.case AS c LEFT JOIN intake.view AS v USING (case_id)
        WHERE c.key_hash = ANY($1::bytea[]) ORDER BY c.key_hash, c.received_at
        """,
        [bytes.fromhex(key_hash) for key_hash in key_hashes],
        CaseState.WITHDRAWN,
    )
    return [(row["key_hash"].hex(), row["received_at"], row["is_withdrawn"]) for row in rows]


async def insert_cases(
    db: Database, events: Sequence[SubmissionAccepted], prepared: Sequence[PreparedMessage], now: datetime
) -> set[str]:
    """Register the messages that are not registered yet; the ids of those that are new."""
    places = [message.place for message in prepared]
    hashes = [message.clause_hashes for message in prepared]
    # One row for each new case; whatever any unique index already holds is passed over.
    rows = await db.fetch(
        """
        INSERT INTO intake.case (
            case_id, tracking_code, channel, source, external_id, key_hash, content_hash, language, kind, title, text,
            place_address, longitude, latitude, confidential, publish, received_at, whole_text, first_clause,
            second_clause, of_old_list, registered_at)
        SELECT *, $22::timestamptz FROM unnest(
            $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::float8[], $14::float8[], $15::bool[], $16::bool[],
            $17::timestamptz[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bool[])
        ON CONFLICT DO NOTHING
        RETURNING case_id
        """,
        [event.case_id for event in events],
        [event.tracking_code for event in events],
        [event.channel.value for event in events],
        [event.source for event in events],
        [event.external_id for event in events],
        [message.key_hash for message in prepared],
        [message.content_hash for message in prepared],
        [event.language.value for event in events],
        [None if event.kind is None else event.kind.value for event in events],
        [message.title for message in prepared],
        [message.text for message in prepared],
        [None if place is None else place.address for place in places],
        [None if place is None else place.longitude for place in places],
        [None if place is None else place.latitude for place in places],
        [event.confidential for event in events],
        [message.publish for message in prepared],
        [event.at for event in events],
        [None if each is None else each.whole for each in hashes],
        [None if each is None else each.first for each in hashes],
        [None if each is None else each.second for each in hashes],
        [is_of_old_list(event) for event in events],
        now,
    )
    return {str(row["case_id"]) for row in rows}


async def came_with_old_list(db: Database, case_id: CaseId) -> bool:
    """Whether the case is a row of an old list."""
    # One row by the primary key.
    found: bool | None = await db.fetchval(
        "SELECT of_old_list FROM intake.case WHERE case_id = $1::uuid", case_id
    )
    return bool(found)


async def insert_sealed(
    db: Database, rows: Sequence[tuple[CaseId, bytes, bytes | None, bytes | None]]
) -> None:
    """Keep what is personal of new cases, at least one.

    Of each: id, sealed bytes, blind indexes of the telephone and of who else it may be.
    """
    # One row for each case that has anything personal.
    await db.execute(
        """
        INSERT INTO intake.sealed (case_id, sealed, phone_index, author_index)
        SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[]) ON CONFLICT DO NOTHING
        """,
        *zip(*rows, strict=True),
    )


async def of_telephone(db: Database, indexes: Sequence[bytes], most: int) -> Sequence[CaseId]:
    """The cases from the telephone that has one of these indexes, as of `same_telephone`."""
    rows = await db.fetch(
        f"""
        SELECT c.case_id FROM (
            SELECT case_id FROM intake.sealed WHERE phone_index = ANY($1::bytea[]) ORDER BY ctid DESC LIMIT {MOST_COMPARED}
        ) AS same JOIN intake.case AS c USING (case_id) ORDER BY c.received_at DESC, c.case_id DESC LIMIT $2
        """,  # noqa: S608  our own number
        list(indexes),
        most,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def same_telephone(db: Database, case_id: CaseId, most: int) -> Sequence[CaseId]:
    """The other cases from the telephone of this one that were received last, the latest first; at most so many.

    A number that stands on more messages than are compared is an office's: of its cases those kept last are compared.
    """
    # An index of telephones, then the primary key. Where a row lies tells when it was written, near enough to choose by.
    rows = await db.fetch(
        f"""
        SELECT c.case_id FROM (
            SELECT o.case_id FROM intake.sealed AS s JOIN intake.sealed AS o ON o.phone_index = s.phone_index
            WHERE s.case_id = $1::uuid AND s.phone_index IS NOT NULL AND o.case_id <> s.case_id
            ORDER BY o.ctid DESC LIMIT {MOST_COMPARED}
        ) AS same JOIN intake.case AS c USING (case_id) ORDER BY c.received_at DESC, c.case_id DESC LIMIT $2
        """,  # noqa: S608  our own number
        case_id,
        most,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def authors_of(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, bytes]:
    """A keyed hash of who wrote each of these, where anything tells."""
    # The primary keys.
    rows = await db.fetch(
        """
        SELECT case_id, coalesce(phone_index, author_index) AS author FROM intake.sealed
        WHERE case_id = ANY($1::uuid[]) AND coalesce(phone_index, author_index) IS NOT NULL
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["author"] for row in rows}


async def sealed_of(db: Database, case_id: CaseId) -> bytes | None:
    """What is personal of one case, still encrypted."""
    # The primary key.
    sealed: bytes | None = await db.fetchval(
        "SELECT sealed FROM intake.sealed WHERE case_id = $1::uuid", case_id
    )
    return sealed


async def all_sealed(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, bytes | None]:
    """What is personal of many cases, still encrypted; None where nothing is. Those never registered are left out."""
    # The primary keys.
    rows = await db.fetch(
        """SELECT c.case_id::text, s.sealed FROM intake.case AS c LEFT JOIN intake.sealed AS s USING (case_id)
           WHERE c.case_id = ANY($1::uuid[])""",
        list(case_ids),
    )
    return {CaseId(row["case_id"]): row["sealed"] for row in rows}


async def known_cases(
    db: Database, events: Sequence[SubmissionAccepted]
) -> Mapping[int, tuple[CaseId, bytes]]:
    """By position: the case that already stands for a message, and that case's content hash."""
    # The primary key: no id of another system makes two messages one.
    rows = await db.fetch(
        """
        SELECT n.place, c.case_id, c.content_hash
        FROM unnest($1::uuid[]) WITH ORDINALITY AS n (case_id, place) JOIN intake.case c USING (case_id)
        """,
        [event.case_id for event in events],
    )
    return {row["place"] - 1: (CaseId(str(row["case_id"])), row["content_hash"]) for row in rows}


async def insert_supplements(
    db: Database, rows: Sequence[tuple[CaseId, bytes, datetime, str, bytes | None]]
) -> Sequence[tuple[CaseId, bytes, int]]:
    """Add to cases, at least one: id, content hash, moment, masked text, sealed original.

    Of those that were not there yet: id, content hash, and the case's version as far as intake knows.
    """
    # One row for each new supplement, with the version that the view last heard of.
    found = await db.fetch(
        """
        WITH added AS (
            INSERT INTO intake.supplement (case_id, content_hash, at, text, sealed)
            SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::timestamptz[], $4::text[], $5::bytea[])
            ON CONFLICT DO NOTHING RETURNING case_id, content_hash
        )
        SELECT a.case_id, a.content_hash, coalesce(v.version, 1) AS version
        FROM added a LEFT JOIN intake.view v USING (case_id)
        """,
        *zip(*rows, strict=True),
    )
    return [(CaseId(str(row["case_id"])), row["content_hash"], row["version"]) for row in found]


async def known_supplements(db: Database, case_id: CaseId, hashes: Sequence[bytes]) -> Sequence[bytes]:
    """Those of the content hashes that were added to the case."""
    rows = await db.fetch(
        """
        SELECT content_hash FROM intake.supplement WHERE case_id = $1::uuid AND content_hash = ANY($2::bytea[])
        """,
        case_id,
        list(hashes),
    )
    return [row["content_hash"] for row in rows]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was added to a case, masked."""

    at: datetime
    content_hash: bytes
    text: str


async def supplements_of(
    db: Database, case_id: CaseId, limit: int, *, before: tuple[datetime, bytes] | None = None
) -> Sequence[Said]:
    """What the citizen added last, or before that moment and hash, the latest first; at most so many."""
    # By the primary key's first half: some hundred rows at most.
    rows = await db.fetch(
        """SELECT at, content_hash, text FROM intake.supplement
        WHERE case_id = $1::uuid AND ($3::timestamptz IS NULL OR (at, content_hash) < ($3, $4::bytea))
        ORDER BY at DESC, content_hash DESC LIMIT $2""",
        case_id,
        limit,
        *(before or (None, None)),
    )
    return [Said(**dict(row)) for row in rows]


async def count_supplements(db: Database, case_id: CaseId, *, but: bytes, since: datetime) -> tuple[int, int]:
    """How many supplements a case has, and how many since then; where this one is there already, none that counts."""
    # By the primary key's first half.
    row = await db.fetchrow(
        """
        SELECT count(*) AS others, count(*) FILTER (WHERE at > $3) AS lately,
               coalesce(bool_or(content_hash = $2), false) AS there
        FROM intake.supplement WHERE case_id = $1::uuid
        """,
        case_id,
        but,
        since,
    )
    return (0, 0) if row["there"] else (row["others"], row["lately"])


async def resembling(
    db: Database, rows: Sequence[tuple[CaseId, datetime, int, int, int]]
) -> Sequence[tuple[CaseId, CaseId, bool, bool, bool]]:
    """The latest earlier case that resembles each of these, at least one (id, received, whole, first and second clause).

    Gives both ids, and whether the whole, the first clause and the second are the same.
    """
    # For each new case the latest with the same first clause, else with the same second: two index look-ups.
    found = await db.fetch(
        """
        SELECT n.case_id, s.case_id AS similar_to,
               coalesce(s.whole_text = n.whole, false) AS whole, s.first_clause = n.first AS first,
               s.second_clause = n.second AS second
        FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
             AS n (case_id, received_at, whole, first, second)
        CROSS JOIN LATERAL (
            (SELECT c.case_id, c.whole_text, c.first_clause, c.second_clause FROM intake.case c
             WHERE c.first_clause = n.first AND c.received_at BETWEEN n.received_at - $6::interval AND n.received_at
               AND (c.received_at, c.case_id) < (n.received_at, n.case_id)
             ORDER BY c.received_at DESC LIMIT 1)
            UNION ALL
            (SELECT c.case_id, c.whole_text, c.first_clause, c.second_clause FROM intake.case c
             WHERE c.second_clause = n.second AND c.received_at BETWEEN n.received_at - $6::interval AND n.received_at
               AND (c.received_at, c.case_id) < (n.received_at, n.case_id)
             ORDER BY c.received_at DESC LIMIT 1)
            LIMIT 1
        ) AS s
        """,
        *zip(*rows, strict=True),
        RESEMBLANCE_WINDOW,
    )
    return [
        (
            CaseId(str(row["case_id"])),
            CaseId(str(row["similar_to"])),
            row["whole"],
            row["first"],
            row["second"],
        )
        for row in found
    ]
