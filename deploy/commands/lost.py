"""`huiyin lost`: records that Kafka deleted before a consumer had read them; look at them, and let it go on."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from deploy.accounts.who_runs import who_runs
from deploy.commands.speech import say
from deploy.database import lost_ranges
from deploy.database.lost_ranges import LostRange
from deploy.database.pool import connect
from deploy.local.running import settings_here

_Consumer = Annotated[
    str | None,
    typer.Argument(
        help="intake, routing, handlers or sla; kafka or postgres, once put back from before; all if none."
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON list on stdout.")]

lost = typer.Typer(no_args_is_help=True, help="Records that Kafka deleted before they were read.")


@lost.command("list")
def list_(consumer: _Consumer = None, as_json: _Json = False) -> None:
    """List the ranges that nobody has accepted: their consumers stand still, but for what Kafka or Postgres forgot."""
    _show(asyncio.run(_open(consumer)), as_json=as_json, none=("没有丢失", "nothing was lost"))


@lost.command()
def accept(consumer: _Consumer = None, as_json: _Json = False) -> None:
    """Let the consumer read on behind what is lost; it does within seconds. Who accepted is written down."""
    _show(asyncio.run(_accept(consumer)), as_json=as_json, none=("没有待接受的", "nothing to accept"))


async def _open(consumer: str | None) -> Sequence[LostRange]:
    async with connect(settings_here()) as db:
        return await lost_ranges.open_ranges(db, consumer)


async def _accept(consumer: str | None) -> Sequence[LostRange]:
    async with connect(settings_here()) as db:
        return await lost_ranges.accept(db, consumer, who_runs())


def _show(ranges: Sequence[LostRange], *, as_json: bool, none: tuple[str, str]) -> None:
    if as_json:
        sys.stdout.write(json.dumps([each._asdict() for each in ranges]) + "\n")
        return
    sys.stdout.write("".join(f"{each}\n" for each in ranges))
    if not ranges:
        say(*none)


def register(app: typer.Typer) -> None:
    """Add `huiyin lost` and its commands."""
    app.add_typer(lost, name="lost")
