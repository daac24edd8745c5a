"""`huiyin knowledge`: as an operator types it, on a database of its own."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from deploy.commands import knowledge
from deploy.composition.housekeeping import expire_entries
from deploy.database.pool import open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

LINE = {
    "owner": "housing", "questions": ["居住证怎么办理"], "answer": "带身份证到社区。", "valid_from": "2026-01-01",
    "valid_until": "2099-01-01", "checked_on": "2026-01-01",
}  # fmt: skip


async def test_a_file_goes_in_and_comes_out(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good lines are taken, bad ones named with their numbers; read again nothing changes; what is public is written."""
    url = await fresh_database(postgres_server.url, like=migrated)
    monkeypatch.setattr(
        knowledge, "settings_here", lambda: Settings(database_url=url, secret_key="0123456789abcdef" * 2)
    )
    today = await _today(url)
    good: dict[str, Any] = {**LINE, "checked_on": today, "valid_until": f"{int(today[:4]) + 1}{today[4:8]}01"}
    file = tmp_path / "entries.jsonl"
    # What Unicode calls the end of a line is none of a file's.
    good["answer"] += "\u2028第二行\u2029第三行\u0085第四行"
    whole = json.dumps(good, ensure_ascii=False)
    file.write_text("\n".join([whole, "{", "", json.dumps({**good, "owner": "nobody"})]), encoding="utf-8")
    first = await _typed("import", str(file), "--json")
    second = await _typed("import", str(file), "--json")

    assert (3, 3) == (first.exit_code, second.exit_code)
    assert {"rows": 3, "written": 1, "changed": 0, "unchanged": 0, "rejected": 2} == json.loads(first.stdout)
    assert {"rows": 3, "written": 0, "changed": 0, "unchanged": 1, "rejected": 2} == json.loads(second.stdout)
    told = [json.loads(line) for line in first.stderr.splitlines()]
    assert [(2, ["line"]), (4, ["owner"])] == [(each["line"], list(each["reasons"])) for each in told]
    assert "" == (await _typed("export")).stdout
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE handlers.entry SET state = 'live', published = content")
    await connection.close()
    to = tmp_path / "public.jsonl"
    assert 0 == (await _typed("export", str(to))).exit_code
    (line,) = to.read_text(encoding="utf-8").strip("\n").split("\n")
    assert good.items() <= json.loads(line).items()
    assert 0 == (await _typed("import", str(to))).exit_code


async def test_what_somebody_else_wrote_meanwhile_stops_no_other_line(
    postgres_server: EmbeddedPostgres, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, and the rest is read."""
    url = await fresh_database(postgres_server.url, like=migrated)
    monkeypatch.setattr(
        knowledge, "settings_here", lambda: Settings(database_url=url, secret_key="0123456789abcdef" * 2)
    )
    raised = [asyncpg.UniqueViolationError("of somebody's log")]

    async def imported(*_: object) -> str:
        if raised:
            raise raised.pop()
        return "written"

    monkeypatch.setattr(knowledge, "import_entry", imported)
    text = json.dumps(LINE)
    counts, rejected = await knowledge._import([(1, text), (2, text)], "entries.jsonl")

    assert {"rejected": 1, "written": 1} == dict(counts)
    assert [(1, ["line"])] == [(each["line"], list(each["reasons"])) for each in rejected]


async def test_what_came_to_its_end_is_ended_by_the_sweeper(
    postgres_server: EmbeddedPostgres, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed under the audit's key, as whatever is logged: without one the sweeper would end with it."""
    url = await fresh_database(postgres_server.url, like=migrated)
    settings = Settings(database_url=url, secret_key="0123456789abcdef" * 2)
    monkeypatch.setattr(knowledge, "settings_here", lambda: settings)
    today = await _today(url)
    line = {**LINE, "checked_on": today, "valid_until": f"{int(today[:4]) + 1}{today[4:8]}01"}
    await knowledge._import([(1, json.dumps(line))], "entries.jsonl")
    async with open_pool(settings, size=1) as pool:
        await pool.execute(
            "UPDATE handlers.entry SET state = 'live', published = content, holds_until = now() - interval '1 hour'"
        )
        ended = [await expire_entries(settings, pool) for _ in range(2)]
        seals = await pool.fetch(
            "SELECT action, seal IS NULL AS is_open FROM handlers.entry_log ORDER BY version"
        )

    assert [1, 0] == ended
    assert ("expire", False) == tuple(seals[-1])


async def _today(url: str) -> str:
    connection = await asyncpg.connect(url)
    today: str = await connection.fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date::text")
    await connection.close()
    return today


async def _typed(*words: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, knowledge.knowledge, list(words))
