"""`huiyin export`: as an operator types it, on a database of its own."""

import asyncio
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import export
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database


@pytest.mark.parametrize(("form", "is_empty"), [("csv", False), ("xlsx", False), ("jsonl", True)])
async def test_days_without_cases_are_a_table_without_rows(
    postgres_server: EmbeddedPostgres,
    migrated: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    is_empty: bool,
) -> None:
    """A span, or a department, that has nothing: the columns stand there where a table has any, and it was no failure."""
    url = await fresh_database(postgres_server.url, like=migrated)
    settings = Settings(database_url=url, secret_key="0123456789abcdef" * 2)
    monkeypatch.setattr(export, "settings_here", lambda: settings)
    app = typer.Typer()
    export.register(app)
    to = tmp_path / "cases"
    words = ["cases", "--department", "tax", "--format", form, "--out", str(to)]
    done = await asyncio.to_thread(CliRunner().invoke, app, words)

    assert 0 == done.exit_code, done.output
    assert is_empty == (to.read_bytes() == b"")
    if form == "csv":
        assert 1 == len(to.read_text(encoding="utf-8-sig").splitlines())
