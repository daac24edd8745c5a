"""Commands and requests that were answered, so that one sent twice is done once."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from schemas.events.commands import CommandAnswered
from schemas.ids import DepartmentCode
from schemas.ports import Database

_json = msgspec.json.Encoder()


#: Department and command id.
CommandId = tuple[str, str]


class Given(NamedTuple):
    """An answer, and the digest of what was asked; None where an earlier release did not keep it."""

    answer: CommandAnswered
    asked: str | None


async def lock_ids(db: Database, ids: Sequence[CommandId]) -> None:
    """Nobody else answers these ids until the unit ends; whoever did so meanwhile is waited for.

    Copies of one command may lie on two partitions, and so be with two consumers at once.
    """
    # In one order everywhere: two batches that share ids do not wait for each other.
    await db.execute(
        """SELECT pg_advisory_xact_lock(number) FROM (
            SELECT DISTINCT hashtextextended('command' || chr(10) || department || chr(10) || command_id, 0) AS number
            FROM unnest($1::text[], $2::text[]) AS n (department, command_id) ORDER BY 1
        ) AS numbers""",
        [department for department, _ in ids],
        [command_id for _, command_id in ids],
    )


async def answered(db: Database, ids: Sequence[CommandId]) -> dict[CommandId, Given]:
    """The answers that these already got."""
    rows = await db.fetch(
        """SELECT department, command_id, answer, answer->>'asked' AS asked FROM handlers.command
        JOIN unnest($1::text[], $2::text[]) AS n (department, command_id) USING (department, command_id)""",
        [department for department, _ in ids],
        [command_id for _, command_id in ids],
    )
    return {
        (row["department"], row["command_id"]): Given(
            msgspec.json.decode(row["answer"], type=CommandAnswered), row["asked"]
        )
        for row in rows
    }


async def remember_answers(
    db: Database, answers: Sequence[tuple[DepartmentCode, Given]], now: datetime
) -> None:
    """Keep the answers with what was asked, so that a command that is sent again is answered alike."""
    await db.execute(
        """INSERT INTO handlers.command (department, command_id, at, answer)
        SELECT department, command_id, $4, answer::jsonb || jsonb_build_object('asked', asked)
        FROM unnest($1::text[], $2::text[], $3::text[], $5::text[]) AS n (department, command_id, answer, asked)
        ON CONFLICT DO NOTHING""",
        [department for department, _ in answers],
        [given.answer.command_id for _, given in answers],
        [_json.encode(given.answer).decode() for _, given in answers],
        now,
        [given.asked for _, given in answers],
    )


async def forget_answers(db: Database, before: datetime) -> None:
    """Delete the answers given before this moment: Kafka keeps commands for less time, so none of them can come again."""
    await db.execute("DELETE FROM handlers.command WHERE at < $1", before)
