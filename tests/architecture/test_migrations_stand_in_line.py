"""Migrations stand in one line: two that were written at the same time do not share a number."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parents[2] / "deploy" / "database" / "migrations"


def test_each_follows_the_one_before() -> None:
    """Each has a number of its own, which its file begins with, and follows the number before."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revisions = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    files = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

    assert [f"{number:04}" for number in range(1, len(files) + 1)] == files
    assert files == sorted(revisions)
