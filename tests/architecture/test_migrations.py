"""Migrations stand in one line: two that follow the same one cannot both run."""

from alembic.script import ScriptDirectory

from deploy.database.migrate import alembic_config


def test_each_migration_follows_the_one_before() -> None:
    """Numbered from 0001 without a gap or a twin; the file is called by its number."""
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    numbers = [script.revision for script in reversed(scripts)]

    assert [f"{number:04d}" for number in range(1, len(scripts) + 1)] == numbers
    assert all(script.path.rpartition("/")[2].startswith(f"{script.revision}_") for script in scripts)
