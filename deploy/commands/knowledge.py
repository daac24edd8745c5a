"""`huiyin knowledge`: entries from another system's file into the review, and what everybody reads into a file."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from asyncpg import IntegrityConstraintViolationError

from deploy.commands.refusals import refuse, unreadable
from deploy.commands.speech import say, told
from deploy.commands.whole_files import whole_file
from deploy.composition import audit_key, changing_by_command, city_of
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.local.running import settings_here
from deploy.settings import callers_language
from handlers.steps.exchange_entries import ImportedEntry, export_entries, import_entry
from schemas.errors import BadInput
from schemas.http import read

knowledge = typer.Typer(
    no_args_is_help=True, help="Knowledge entries (知识点): answers written once for everybody."
)
#: Some lines were not taken: as `huiyin import` ends.
_SOME_REJECTED = 3
_Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@knowledge.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON lines, an entry each, as `export` writes them.")],
    as_json: _Json = False,
) -> None:
    """Take entries into the review: nobody reads one before a dispatcher has. The same file again changes nothing."""
    try:
        # Not `splitlines`: an answer may hold what Unicode calls the end of a line.
        lines = file.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        refuse(unreadable(file, error))
    rows = [line for line in enumerate(lines, 1) if line[1].strip()]
    counts, rejected = asyncio.run(_import(rows, file.name))
    summary = {
        "rows": sum(counts.values()),
        **{name: counts[name] for name in ("written", "changed", "unchanged", "rejected")},
    }
    for line in rejected:
        typer.echo(msgspec.json.encode(line).decode(), err=True)
    text = told(
        "{rows:,} 条：新增 {written:,}，改动 {changed:,}，未变 {unchanged:,}，未接收 {rejected:,}",
        "{rows:,} entries: {written:,} new, {changed:,} changed, {unchanged:,} as they were, {rejected:,} rejected",
    )
    typer.echo(msgspec.json.encode(summary).decode() if as_json else text.format_map(summary))
    if rejected:
        raise typer.Exit(_SOME_REJECTED)


async def _import(lines: list[tuple[int, str]], name: str) -> tuple[Counter[str], list[dict[str, Any]]]:
    """Each line in a transaction of its own: one that is refused holds up no other.

    Who did it is written down with the first entry that is not as it was; of a file that changes nothing, not at all.
    """
    settings, counts, rejected = settings_here(), Counter[str](), list[dict[str, Any]]()
    city, key, is_noted = city_of(settings), audit_key(settings), False
    async with open_pool(settings, size=1) as pool:
        for number, text in lines:
            try:
                line = read(ImportedEntry, msgspec.json.decode(text))
                async with unit_of_work(pool, prefix=settings.topic_prefix, audit_key=key) as unit:
                    outcome = await import_entry(unit, line, city)
                    if outcome != "unchanged" and not is_noted:
                        about = f"{len(lines)}: {name}"
                        await note_deed(unit.db, changing_by_command(settings), Operated.KNOWLEDGE, about)
                counts[outcome] += 1
                is_noted = is_noted or outcome != "unchanged"
            except (BadInput, msgspec.DecodeError, IntegrityConstraintViolationError) as error:
                counts["rejected"] += 1
                rejected.append({"line": number, "reasons": _reasons(error)})
    return counts, rejected


def _reasons(error: BadInput | msgspec.DecodeError | IntegrityConstraintViolationError) -> dict[str, str]:
    """Why a line was not taken, by field, in the language of the terminal."""
    language = callers_language()
    if isinstance(error, BadInput):
        return {each.field: each.message(language) for each in error.errors}
    if isinstance(error, IntegrityConstraintViolationError):
        return {
            "line": language.choose(
                "其间有人改动了此条：请再次导入。",
                "Somebody changed this entry meanwhile: import the file again.",
            )
        }
    return {"line": language.choose("不是 JSON。", "It is no JSON.")}


@knowledge.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output if left out.")] = None,
) -> None:
    """Write what everybody may read, a line each, for another system or another city."""
    if file is None:
        asyncio.run(_export(sys.stdout.buffer))
        return
    with whole_file(file) as to:
        count = asyncio.run(_export(to))
    say(f"{count:,} 条", f"{count:,} entries")


async def _export(to: BinaryIO) -> int:
    settings, count, after = settings_here(), 0, None
    async with open_pool(settings, size=1) as pool, pool.acquire() as db:
        while page := await export_entries(db, after):
            to.writelines(_lines(page))
            count, after = count + len(page), page[-1].entry_id
    return count


def _lines(page: list[Any]) -> Iterator[bytes]:
    return (msgspec.json.encode(entry) + b"\n" for entry in page)


def register(app: typer.Typer) -> None:
    """Add `huiyin knowledge …` to the command line."""
    app.add_typer(knowledge, name="knowledge")
