"""Commands that were answered, so that one sent twice is done once."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from schemas.events.commands import Command, CommandAnswered
from schemas.ids import DepartmentCode
from schemas.ports import Database

_json = msgspec.json.Encoder()


async def answered(db: Database, commands: Sequence[Command]) -> dict[tuple[str, str], CommandAnswered]:
    """The answers that these commands already got, by department and command id."""
    rows = await db.fetch(
        """SELECT department, command_id, answer FROM handlers.command
        JOIN unnest($1::text[], $2::text[]) AS n (department, command_id) USING (department, command_id)""",
        [command.department for command in commands],
        [command.command_id for command in commands],
    )
    return {
        (row["department"], row["command_id"]): msgspec.json.decode(row["answer"], type=CommandAnswered)
        for row in rows
    }


async def remember_answers(
    db: Database, answers: Sequence[tuple[DepartmentCode, CommandAnswered]], now: datetime
) -> None:
    """Keep the answers, so that a command that is sent again is answered alike."""
    await db.execute(
        """INSERT INTO handlers.command (department, command_id, at, answer)
        SELECT department, command_id, $4, answer::jsonb
        FROM unnest($1::text[], $2::text[], $3::text[]) AS n (department, command_id, answer)
        ON CONFLICT DO NOTHING""",
        [department for department, _ in answers],
        [answer.command_id for _, answer in answers],
        [_json.encode(answer).decode() for _, answer in answers],
        now,
    )


async def forget_answers(db: Database, before: datetime) -> None:
    """Delete the answers given before this moment: Kafka keeps commands for less time, so none of them can come again."""
    await db.execute("DELETE FROM handlers.command WHERE at < $1", before)
