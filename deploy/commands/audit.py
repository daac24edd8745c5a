"""`huiyin audit`: whether the cases' histories are as they were written."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import msgspec
import typer

from deploy.database.pool import Connection, connect
from deploy.local.running import settings_here
from handlers.core.chain import first_broken
from handlers.store.audit import chains
from schemas.ids import CaseId

audit: Final = typer.Typer(no_args_is_help=True, help="The cases' append-only histories.")


class BrokenChain(msgspec.Struct, frozen=True, kw_only=True):
    """A history that was changed, and the first row where that shows."""

    case_id: CaseId
    row: int


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and what does not hold."""

    cases: int
    rows: int
    broken: tuple[BrokenChain, ...]


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
    async with connect(settings_here()) as connection:
        return await verify_chains(connection, case_id)


async def verify_chains(connection: Connection, case_id: CaseId | None = None) -> Verified:
    """Read every row once, in one snapshot, holding one case at a time."""
    cases, rows, broken = 0, 0, []
    async with connection.transaction(readonly=True):
        async for each, head, chain in chains(connection, case_id):
            cases += 1
            rows += len(chain)
            row = first_broken(chain, head)
            if row is not None:
                broken.append(BrokenChain(case_id=each, row=row))
    return Verified(cases=cases, rows=rows, broken=tuple(broken))


def _sentences(found: Verified) -> str:
    lines = [f"{found.cases} cases, {found.rows} rows, {len(found.broken)} broken"]
    return "\n".join(
        [*lines, *(f"{each.case_id}: row {each.row} is not as it was written" for each in found.broken)]
    )
