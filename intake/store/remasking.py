"""Published answers whose texts an earlier masker made."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from schemas.ids import CaseId
from schemas.masking import MASKER
from schemas.ports import Database

Table = Literal["published", "withheld"]
TABLES: tuple[Table, ...] = ("published", "withheld")


class Outdated(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the register keeps it, the answer as everybody reads it, and what is personal, encrypted.

    Of a citizen who was forgotten the message, too, is as everybody reads it: nobody knows any more which words staff hid.
    """

    case_id: CaseId
    title: str
    text: str
    response: str
    sealed: bytes | None


class Remasked(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody reads from now on, with the bigrams that it is found by."""

    case_id: CaseId
    title: str
    text: str
    response: str
    words: Iterable[str]


async def outdated(db: Database, table: Table, after: CaseId | None, limit: int) -> Sequence[Outdated]:
    """The next of them behind `after`, in the order of their ids."""
    # Along the primary key; three look-ups by primary keys for each.
    rows = await db.fetch(
        f"""
        SELECT case_id::text, p.response, s.sealed,
               CASE WHEN f.case_id IS NULL THEN c.title ELSE p.title END AS title,
               CASE WHEN f.case_id IS NULL THEN c.text ELSE p.text END AS text
        FROM intake.{table} AS p JOIN intake.case AS c USING (case_id) LEFT JOIN intake.sealed AS s USING (case_id)
             LEFT JOIN intake.forgotten AS f USING (case_id)
        WHERE p.masked < {MASKER} AND ($1::uuid IS NULL OR case_id > $1::uuid)
        ORDER BY case_id LIMIT $2 FOR UPDATE OF p
        """,  # noqa: S608  our own names
        after,
        limit,
    )
    return [msgspec.convert(dict(row), Outdated) for row in rows]


async def replace(db: Database, table: Table, answers: Sequence[Remasked]) -> None:
    """Let everybody read these texts instead."""
    if not answers:
        return
    # By the primary key.
    await db.execute(
        f"""
        UPDATE intake.{table} AS p
        SET title = n.title, text = n.text, response = n.response, masked = {MASKER},
            search = array_to_tsvector(string_to_array(n.words, ' '))
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS n (case_id, title, text, response, words)
        WHERE p.case_id = n.case_id
        """,  # noqa: S608  our own names
        [answer.case_id for answer in answers],
        [answer.title for answer in answers],
        [answer.text for answer in answers],
        [answer.response for answer in answers],
        [" ".join(answer.words) for answer in answers],
    )
