"""Citizens' messages for staff who do not handle them: every statement leaves out what is kept from them."""

from collections.abc import Mapping, Sequence

from schemas.ids import CaseId
from schemas.ports import Database
from schemas.values import CaseMatter

#: Project choice: a supervisor sees to deadlines of all departments and may be of any of them; of what a citizen told in
#: confidence, or about an official, the clocks are enough. What was merged is read where it went.
_READABLE = """NOT confidential AND NOT protected AND kind <> 'report' AND accused = '{}' AND cleared = '[]'
    AND merged_into IS NULL AND state <> 'merged'"""
_TITLES = f"SELECT case_id::text, title FROM routing.case WHERE case_id = ANY($1::uuid[]) AND {_READABLE}"  # noqa: S608  made of constants
_ONE = f"SELECT title, text FROM routing.case WHERE case_id = $1 AND {_READABLE}"  # noqa: S608  made of constants


async def titles(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """The titles of those that may be read."""
    return {CaseId(row["case_id"]): row["title"] for row in await db.fetch(_TITLES, list(case_ids))}


async def find(db: Database, case_id: CaseId) -> CaseMatter | None:
    """One of them; None where it may not be read, or is not known."""
    row = await db.fetchrow(_ONE, case_id)
    return None if row is None else CaseMatter(title=row["title"], text=row["text"])


async def privacy(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, tuple[bool, str]]:
    """Whether each is kept from whoever does not handle it, and the dispatcher who answered it alone; empty: none did."""
    # By the primary key.
    rows = await db.fetch(
        f"""SELECT case_id::text, NOT ({_READABLE}) AS is_private,
                   CASE WHEN state = 'answered' THEN COALESCE(decided_by, '') ELSE '' END AS answered_by
            FROM routing.case WHERE case_id = ANY($1::uuid[])""",  # noqa: S608  made of constants
        list(case_ids),
    )
    return {CaseId(row["case_id"]): (row["is_private"], row["answered_by"]) for row in rows}
