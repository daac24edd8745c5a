"""What the rows of lists are known by that were sent: none is sent twice without anybody's saying so."""

from collections.abc import Sequence

from intake.core.known_rows import KnownRow
from schemas.ids import CaseId
from schemas.ports import Database


async def claim(db: Database, list_hash: bytes, rows: Sequence[KnownRow]) -> set[CaseId]:
    """Note that a list sends these rows; the cases of those that another one sent before, as another case."""
    pairs = sorted({(known_by, row.case_id) for row in rows for known_by in row.hashes})
    # In one order whoever writes them; of two lists at once the second waits for the first.
    await db.execute(
        """
        INSERT INTO intake.sent_row (hash, case_id, list_hash)
        SELECT hash, case_id, $3 FROM unnest($1::bytea[], $2::uuid[]) AS sent (hash, case_id)
        ON CONFLICT DO NOTHING
        """,
        [known_by for known_by, _ in pairs],
        [case_id for _, case_id in pairs],
        list_hash,
    )
    # By the primary key.
    found = await db.fetch(
        "SELECT hash, case_id FROM intake.sent_row WHERE hash = ANY($1::bytea[]) AND list_hash <> $2",
        [known_by for row in rows for known_by in (*row.hashes, *row.former_hashes)],
        list_hash,
    )
    sent = {each["hash"]: CaseId(str(each["case_id"])) for each in found}
    return {
        row.case_id
        for row in rows
        if any(sent.get(each, row.case_id) != row.case_id for each in (*row.hashes, *row.former_hashes))
    }
