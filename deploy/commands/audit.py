"""`huiyin audit`: whether the cases' histories are as they were written."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import msgspec
import typer

from deploy import composition
from deploy.audit.verification import Verified, verify_chains
from deploy.database.pool import connect
from deploy.local.running import settings_here
from schemas.ids import CaseId

audit: Final = typer.Typer(no_args_is_help=True, help="The cases' append-only histories.")


@audit.command("verify")
def verify(
    case: Annotated[UUID | None, typer.Argument(help="One case; all if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Check one hash chain, or all; names each first broken row. Exit status 1 if any is."""
    found = asyncio.run(_verify_all(None if case is None else CaseId(str(case))))
    if case is not None and not found.cases:
        typer.echo(f"There is no case {case}.", err=True)
        raise typer.Exit(2)
    typer.echo(msgspec.json.encode(found).decode() if as_json else _sentences(found))
    if found.broken:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add `audit` to the command line."""
    app.add_typer(audit, name="audit")


async def _verify_all(case_id: CaseId | None) -> Verified:
    settings = settings_here()
    async with (
        connect(settings) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await verify_chains(connection, composition.audit_keys(settings), case_id)


def _sentences(found: Verified) -> str:
    lines = [f"{found.cases} cases, {found.rows} rows, {len(found.broken)} broken"]
    return "\n".join(
        [
            *lines,
            *(
                f"{each.case_id}: row {each.row} is not as it was written ({each.why})"
                for each in found.broken
            ),
        ]
    )
