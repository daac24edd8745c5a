"""`huiyin city check DIR`: whether a city's folder may be used, before a process is started with it."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from routing.core.rules import load_rules, specialists_in
from schemas.city import load_city
from schemas.city_check import CheckedCity, CityFinding, check_city
from schemas.errors import Misconfigured

city = typer.Typer(
    help="The city's departments, districts, streets, categories, catalogue and tags.", no_args_is_help=True
)
#: As for a file of rules that is refused (project choice: 1 is a command that failed itself).
_UNUSABLE = 2


@city.callback()
def _group() -> None:
    """Keeps `check` a word of its own: a group of one command would lose it."""


@city.command()
def check(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="departments.toml, regions.toml, taxonomy.toml; subcategories.toml, items.toml, tags.toml, if any.",
        ),
    ],
    routing: Annotated[
        Path | None,
        typer.Option(help="A folder of routing rules to check beside it.  [default: those shipped]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Each fault with its file, line, key and remedy; exit status 2 where the folder cannot be used."""
    found = checked(folder, routing)
    if as_json:
        typer.echo(msgspec.json.encode({**msgspec.to_builtins(found), "is_usable": found.is_usable}).decode())
    else:
        _show(found)
    sys.exit(0 if found.is_usable else _UNUSABLE)


def checked(folder: Path, routing: Path | None) -> CheckedCity:
    """What is wrong with the city, and with the rules for it."""
    words = _specialists(routing)
    found = check_city(folder, words if isinstance(words, frozenset) else ())
    more: tuple[CityFinding, ...] = () if isinstance(words, frozenset) else (words,)
    if found.is_usable and not more:
        more = _rules(folder, routing)
    return msgspec.structs.replace(found, findings=(*found.findings, *more))


def _specialists(routing: Path | None) -> frozenset[str] | CityFinding:
    try:
        return specialists_in(routing)
    except (OSError, ValueError, Misconfigured) as error:
        return _of_rules(str(error))


def _rules(folder: Path, routing: Path | None) -> tuple[CityFinding, ...]:
    try:
        load_rules(routing, load_city(folder))
    except Misconfigured as error:
        return (_of_rules(str(error)),)
    return ()


def _of_rules(found: str) -> CityFinding:
    return CityFinding(
        state="fail", file="ROUTING_DIRECTORY", line=None, key="", found=found,
        remedy="let the routing rules name what the city has: copy routing/data, change it, and give it with --routing",
    )  # fmt: skip


def _show(found: CheckedCity) -> None:
    for one in found.findings:
        place = f"{one.file}:{one.line}" if one.line else one.file
        typer.echo(f"{one.state}  {place}  {one.key}  {one.found}\n      {one.remedy}")
    counted = (
        f"{found.departments} departments, {found.districts} districts, {found.streets} streets, "
        f"{found.categories} categories, {found.subcategories} subcategories, "
        f"{found.items} items, {found.tags} tags"
    )
    failed = sum(one.state == "fail" for one in found.findings)
    typer.echo(f"{counted}: {f'{failed} to mend' if failed else 'may be used'}")


def register(app: typer.Typer) -> None:
    """Add `city` to the command line."""
    app.add_typer(city, name="city")
