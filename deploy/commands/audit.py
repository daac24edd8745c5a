"""`huiyin audit`: whether the cases' histories are as they were written."""

import asyncio
from collections.abc import Collection
from typing import Annotated, Final
from uuid import UUID

import msgspec
import typer

from deploy import composition
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import Anchor, AnchorFiles, read_pins
from deploy.audit.verification import UNASSIGNED, Verified, verify_chains
from deploy.database.pool import connect, open_pool
from deploy.local.running import settings_here
from handlers.store.audit import chains
from schemas.ids import CaseId

#: An event is with the next slice in tenths of a second (project choice: of a busy machine, many times that).
_ON_ITS_WAY_SECONDS = 5.0

audit: Final = typer.Typer(no_args_is_help=True, help="The cases' append-only histories.")


@audit.command("verify")
def verify(
    case: Annotated[UUID | None, typer.Argument(help="One case; all if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Check one hash chain, or all; names each first broken row. Exit status 1 if any is."""
    found = asyncio.run(_verify_patiently(None if case is None else CaseId(str(case))))
    if case is not None and not found.cases and found.holds:
        typer.echo(f"There is no case {case}.", err=True)
        raise typer.Exit(2)
    typer.echo(msgspec.json.encode(found).decode() if as_json else _sentences(found))
    if not found.holds:
        raise typer.Exit(1)


@audit.command("anchor")
def anchor(
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Write an anchor now, as the sweeper does every hour: what the log is, signed, outside the database."""
    written = asyncio.run(_anchor())
    text = f"anchor {written.number}: {written.cases} cases, {written.rows} rows"
    typer.echo(written.line().decode() if as_json else text)


async def _anchor() -> Anchor:
    settings = settings_here()
    async with open_pool(settings, size=1) as pool:
        return await write_anchor(settings, pool)


def register(app: typer.Typer) -> None:
    """Add `audit` to the command line."""
    app.add_typer(audit, name="audit")


async def _verify_patiently(case_id: CaseId | None) -> Verified:
    """As `_verify_all`; a case that routing gave to a department just now may be on its way there: look again."""
    found = await _verify_all(case_id)
    late = {each.case_id for each in found.broken if each.why == UNASSIGNED}
    if late and await _eventually_assigned(late):
        return await _verify_all(case_id)
    return found


async def _eventually_assigned(late: Collection[CaseId]) -> bool:
    """Whether one of them comes to handlers in the time that an event takes."""
    await asyncio.sleep(_ON_ITS_WAY_SECONDS)
    async with connect(settings_here()) as connection, connection.transaction(readonly=True):
        return bool([chain.case_id async for chain in chains(connection, list(late))])


async def _verify_all(case_id: CaseId | None) -> Verified:
    settings = settings_here()
    keys = composition.audit_keys(settings)
    pins = read_pins(AnchorFiles(directory_of(settings)), keys)
    async with (
        connect(settings) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await verify_chains(connection, keys, case_id, pins=pins)


def _sentences(found: Verified) -> str:
    lines = [f"{found.cases} cases, {found.rows} rows, {found.anchors} anchors, {len(found.broken)} broken"]
    lines += [f"anchor {each.number} is not as it was written ({each.why})" for each in found.broken_anchors]
    return "\n".join(
        [
            *lines,
            *(
                f"{each.case_id}: row {each.row} is not as it was written ({each.why})"
                for each in found.broken
            ),
        ]
    )
