"""`huiyin city check DIR`: whether a city's folder may be used, before a process is started with it."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from deploy.local.running import settings_here
from deploy.settings import callers_language
from routing.core.doublings import Doubling, doublings
from routing.core.rules import load_rules, specialists_in
from schemas.checked_city import CheckedCity, both, check_city
from schemas.city import load_city
from schemas.city_files import CityFinding
from schemas.errors import HuiyinError, Misconfigured
from schemas.words import Language

city = typer.Typer(
    help="The city's departments, districts, streets, categories, catalogue and tags.", no_args_is_help=True
)
#: As for a file of rules that is refused (project choice: 1 is a command that failed itself).
_UNUSABLE = 2
#: Where the rules lie, as the setting is called.
_RULES = "ROUTING_DIRECTORY"
_COUNTED_ZH = (
    "{departments} 个单位、{districts} 个区县、{streets} 条道路、"
    "{categories} 个类别、{subcategories} 个诉求分类、{items} 个事项、{tags} 个标签"
)
_COUNTED_EN = (
    "{departments} departments, {districts} districts, {streets} streets, {categories} categories, "
    "{subcategories} subcategories, {items} items, {tags} tags"
)


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
        typer.Option(
            help="A folder of routing rules to check beside it.  [default: ROUTING_DIRECTORY, or those shipped]"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Each fault with its file, line, key and remedy; exit status 2 where the folder cannot be used.

    In the language of the terminal (LC_ALL, LC_MESSAGES, LANG): Chinese or else English. With --json in
    English, each fault with a code and its facts, too.
    """
    found = checked(folder, routing or settings_here().routing_directory)
    typer.echo(_as_json(found) if as_json else _as_text(found, callers_language()))
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
        return _of_rules(error)


def _rules(folder: Path, routing: Path | None) -> tuple[CityFinding, ...]:
    try:
        load_rules(routing, load_city(folder))
    except Misconfigured as error:
        return (_of_rules(error),)
    return tuple(map(_said_twice, doublings(routing)))


def _said_twice(found: Doubling) -> CityFinding:
    entry = {"entry": found.entry} if found.entry else {}
    return CityFinding(
        state="warn", file=f"{_RULES}/{found.file}.toml", line=None, key=found.key.strip("."), code="word-once",
        facts={**entry, "word": found.word, "theirs": found.theirs},
    )  # fmt: skip


def _of_rules(error: Exception) -> CityFinding:
    why = both(error) if isinstance(error, HuiyinError) else {"why_zh": str(error), "why_en": str(error)}
    return CityFinding(state="fail", file=_RULES, line=None, key="", code="rules", facts=why)


def _as_json(found: CheckedCity) -> str:
    findings = [_said(one) for one in found.findings]
    shown = {**msgspec.to_builtins(found), "findings": findings, "is_usable": found.is_usable}
    return msgspec.json.encode(shown).decode()


def _said(one: CityFinding) -> dict[str, Any]:
    """A finding as scripts read it, whatever the terminal speaks: what it is, and the sentences of it."""
    language = Language.EN
    return {**msgspec.to_builtins(one), "found": one.found(language), "remedy": one.remedy(language)}


def _as_text(found: CheckedCity, language: Language) -> str:
    lines = [_line(one, language) for one in found.findings]
    counted = language.choose(_COUNTED_ZH, _COUNTED_EN).format(**msgspec.structs.asdict(found))
    failed = sum(one.state == "fail" for one in found.findings)
    to_mend = language.choose(f"有 {failed} 处须修改", f"{failed} to mend")
    verdict = to_mend if failed else language.choose("可以使用", "may be used")
    return "\n".join([*lines, f"{counted}{language.choose('：', ': ')}{verdict}"])


#: In English a state goes by its name in `--json`.
_STATES_ZH = {"warn": "注意", "fail": "错误"}


def _line(one: CityFinding, language: Language) -> str:
    place = f"{one.file}:{one.line}" if one.line else one.file
    state = language.choose(_STATES_ZH[one.state], one.state)
    return f"{state}  {place}  {one.key}  {one.found(language)}\n      {one.remedy(language)}"


def register(app: typer.Typer) -> None:
    """Add `city` to the command line."""
    app.add_typer(city, name="city")
