"""Whoever knows one slice knows all: the same anatomy, its own tables, no clock and no chance of its own."""

import ast
import re
from pathlib import Path
from zoneinfo import available_timezones

import pytest

import schemas.events  # noqa: F401  registers every event
from schemas.event import EVENT_TYPES
from tests.architecture.source import PACKAGES, ROOT, SLICES, dotted, files, nodes, place, texts, tree

ANATOMY = (
    "__init__.py",
    "core/__init__.py",
    "tables.py",
    "subscribers.py",
    "web/__init__.py",
    "web/api.py",
    "web/pages.py",
    "web/templates",
    "web/locale/en.po",
)
#: May be one file, or a folder where one would be long.
ROOMS = ("store", "steps")

_SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO|UPDATE\s+[\w.]+\s+(SET|AS)|DELETE\s+FROM|WITH\s+\w+\s+AS|LOCK\s)",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(deploy|intake|routing|handlers|sla)\.", re.IGNORECASE)
_CLOCKS = re.compile(
    r"(datetime\.)*(datetime|date)\.(now|utcnow|today)|time\.time|(time\.)?(time_ns|monotonic|perf_counter)"
)
_ENVIRONMENT = re.compile(r"os\.(environ|getenv)\b")
_CHANCE = re.compile(
    r"random\.\w+|os\.urandom|urandom|secrets\.(token_\w+|choice|randbelow)|token_\w+|(uuid\.)?uuid[1467]"
)

_TABLE_NAME = re.compile(r'__tablename__ = "(\w+)"')
_NAMED = re.compile(r"`([\w.*-]+)`")
#: Topics and commands have producers of their own in the catalogue.
_SAID_BY = {name: name for name in SLICES} | {
    "submissions": "intake",
    "knowledge": "handlers",
    "commands": "departments",
}


def _is_store(path: Path) -> bool:
    inside = path.relative_to(ROOT).parts[1:]
    return inside[0] in ("store", "store.py")


@pytest.mark.parametrize("slice_name", SLICES)
def test_anatomy(slice_name: str) -> None:
    """Each slice has every room, in the same place."""
    missing = [part for part in ANATOMY if not (ROOT / slice_name / part).exists()]
    missing += [
        room
        for room in ROOMS
        if not (ROOT / slice_name / f"{room}.py").exists() and not (ROOT / slice_name / room).is_dir()
    ]

    assert missing == [], f"{slice_name} lacks a room that every slice has"


@pytest.mark.parametrize("slice_name", SLICES)
def test_the_front_door_names_every_event_said(slice_name: str) -> None:
    """Who opens a slice's `__init__.py` reads there all that it says."""
    says = _front_door(slice_name).partition("- Says: ")[2].partition("\n- Owns")[0]
    said = {
        kind.rpartition(".")[0]
        for kind, event in EVENT_TYPES.items()
        if _SAID_BY[event.producer] == slice_name
    }

    assert sorted(said) == sorted(name for name in set(_NAMED.findall(says)) if "." in name)


@pytest.mark.parametrize("slice_name", SLICES)
def test_the_front_door_names_every_table(slice_name: str) -> None:
    """Who opens a slice's `__init__.py` reads there every table that it owns, and none that is gone."""
    owns = _front_door(slice_name).partition("- Owns the schema ")[2].partition("\n\n")[0]
    tables = [
        name for path in files(slice_name) for name in _TABLE_NAME.findall(path.read_text(encoding="utf-8"))
    ]

    assert sorted({slice_name, *tables}) == sorted(set(_NAMED.findall(owns)))


def _front_door(slice_name: str) -> str:
    return ast.get_docstring(tree(ROOT / slice_name / "__init__.py")) or ""


@pytest.mark.parametrize("slice_name", SLICES)
def test_sql_in_store_only(slice_name: str) -> None:
    """SQL stands in `store` alone: who changes a table finds all that reads it in one place."""
    found = [
        place(path, node)
        for path in files(slice_name)
        if not _is_store(path)
        for node, text in texts(path)
        if _SQL.match(text)
    ]

    assert found == [], "move it to store: an index or a column is changed with all of its readers in sight"


@pytest.mark.parametrize("slice_name", SLICES)
def test_only_its_own_tables(slice_name: str) -> None:
    """A slice reads and writes its own schema only: it learns of others' facts from their events."""
    found = [
        f"{place(path, node)} reads {owner}"
        for path in files(slice_name)
        for node, text in texts(path)
        for owner in _TABLE.findall(text)
        if owner.lower() != slice_name
    ]

    assert found == [], "hear the other slice's event instead: its tables may change, or move, tomorrow"


def test_deploy_leaves_the_slices_tables_alone() -> None:
    """Deploy's SQL is about its own tables; migrations, which define all, and measurements apart."""
    found = [
        f"{place(path, node)} reads {owner}"
        for path in files("deploy")
        if not {"migrations", "bench"} & set(path.parts)
        for node, text in texts(path)
        for owner in _TABLE.findall(text)
        if owner.lower() in SLICES
    ]

    assert found == [], "ask the slice's store: its table is its own affair"


@pytest.mark.parametrize("slice_name", SLICES)
def test_no_clock(slice_name: str) -> None:
    """A slice is told the time: a test sets it, a replay repeats it, and a unit has one moment throughout."""
    found = [
        place(path, node)
        for path in files(slice_name)
        for node in nodes(path)
        if isinstance(node, ast.Call) and _CLOCKS.fullmatch(dotted(node.func))
    ]

    assert found == [], "take unit.now, or a parameter: two clocks in one transaction disagree at midnight"


@pytest.mark.parametrize("slice_name", SLICES)
def test_no_environment(slice_name: str) -> None:
    """A slice reads no environment: there is one Settings, and it is documented."""
    found = [
        place(path, node)
        for path in files(slice_name)
        for node in nodes(path)
        if _ENVIRONMENT.match(dotted(node))
    ]

    assert found == [], "add a setting to deploy/settings.py and take its value as a parameter"


@pytest.mark.parametrize("slice_name", SLICES)
def test_no_chance_in_steps(slice_name: str) -> None:
    """Steps repeat exactly when a batch is tried again; what is random comes in as a parameter."""
    found = [
        place(path, node)
        for path in files(slice_name)
        if path.relative_to(ROOT).parts[1] in ("core", "steps", "steps.py", "subscribers.py")
        for node in nodes(path)
        if isinstance(node, ast.Call) and _CHANCE.fullmatch(dotted(node.func))
    ]

    assert found == [], "take it as a parameter: a step that is tried again must say the same again"


@pytest.mark.parametrize("slice_name", SLICES)
def test_steps_never_commit(slice_name: str) -> None:
    """No slice opens, commits or rolls back a transaction: state and events leave together, at the edge."""
    ends = re.compile(r"\.(?:commit|rollback|transaction)$")
    found = [
        place(path, node)
        for path in files(slice_name)
        for node in nodes(path)
        if isinstance(node, ast.Call) and ends.search(dotted(node.func))
    ]

    assert found == [], "leave it to the edge: half a unit is an event without its state, or the reverse"


def test_the_citys_zone_has_one_source() -> None:
    """A zone that is written down a second time is the wrong one in the city that sets `TIME_ZONE`."""
    zones = {name for name in available_timezones() if "/" in name}
    named = [
        place(path, node)
        for path in files(*PACKAGES)
        for node, text in texts(path)
        if text in zones and place(path) != "schemas/city.py"
    ]

    assert named == [], "ask `City.zone`, which the setting fills"


def test_the_walk_names_every_room_of_deploy() -> None:
    """A new room of deploy stands in the table of `docs/architecture.md`, so that a reader knows what it holds."""
    written = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = written.partition("## The rooms of deploy")[2].partition("\n## ")[0]
    rooms = sorted(path.parent.name for path in (ROOT / "deploy").glob("*/__init__.py"))

    assert [] == [room for room in rooms if f"`{room}/`" not in table]
