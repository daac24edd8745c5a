"""Migrations stand in one line, and none keeps people from writing while it builds an index."""

import ast
from collections.abc import Iterator
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


def _calls(tree: ast.AST, name: str) -> Iterator[list[str]]:
    """What constant words the calls of `op.NAME` are given, in order."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"op.{name}":
            given = [*node.args, *(each.value for each in node.keywords if each.arg != "schema")]
            yield [str(each.value) for each in given if isinstance(each, ast.Constant)]


def _in_the_way(source: str) -> list[str]:
    """Indexes that this migration builds on tables that were there before, while nobody can write into them."""
    (upgrade,) = (each for each in ast.parse(source).body if getattr(each, "name", "") == "upgrade")
    new = {words[0] for words in _calls(upgrade, "create_table")}
    built = [words for words in _calls(upgrade, "create_index") if not new & set(words[:2])]
    said = [words for words in _calls(upgrade, "execute") if any(" INDEX " in word.upper() for word in words)]
    unique = [words for words in _calls(upgrade, "create_unique_constraint") if not new & set(words[:2])]
    return [" ".join(words) for words in (*built, *said, *unique)]


def test_no_migration_builds_an_index_in_the_way_of_those_who_write() -> None:
    """On a table that was there before, `indexes.create_index` does, which leaves a large one until after."""
    found = {
        path.name: _in_the_way(path.read_text(encoding="utf-8")) for path in MIGRATIONS.glob("versions/0*.py")
    }

    assert {} == {name: indexes for name, indexes in found.items() if indexes}


def test_an_index_in_the_way_is_found() -> None:
    """Said by Alembic, by SQL or as a constraint; one of a table that is made beside it is in nobody's way."""
    made = 'def upgrade():\n    op.create_table("new")\n    op.create_index("i", "new", ["a"])'
    plain = 'def upgrade():\n    op.create_index("i", "case", ["a"], schema="sla")'

    assert [] == _in_the_way(made)
    assert ["i case"] == _in_the_way(plain)
    assert _in_the_way('def upgrade():\n    op.execute("CREATE INDEX i ON sla.case (a)")')
    assert _in_the_way('def upgrade():\n    op.create_unique_constraint("i", "case", ["a"])')
