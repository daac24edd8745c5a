"""Modules form no circle, and an import that stands inside a function says why it may not stand at the top."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.architecture.source import PACKAGES, ROOT, files, nodes, place

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
#: Files that import nearly everything on demand; each says so in its own docstring, or here.
_ON_DEMAND: Mapping[str, str] = {
    "deploy/commands/bench.py": "each measurement loads what it alone needs",
    "deploy/commands/main.py": "`huiyin relay` waits for nothing that another command needs",
    "deploy/composition/__init__.py": "a process of one slice does not wait for the others",
}
#: Imports inside functions; a new one needs a reason beside it, and its number here.
_LATE: Mapping[str, int] = {
    "deploy/__init__.py": 1,
    "deploy/bench/judging.py": 2,
    "deploy/commands/bench.py": 13,
    "deploy/commands/data_directory.py": 1,
    "deploy/commands/main.py": 31,
    "deploy/commands/refusals.py": 2,
    "deploy/composition/__init__.py": 30,
    "deploy/composition/growing_topics.py": 3,
    "deploy/local/learn_names.py": 2,
    "deploy/local/prepare_once.py": 1,
    "deploy/local/running.py": 1,
    "deploy/observability/tracing.py": 5,
    "deploy/processes/notify.py": 1,
    "deploy/processes/worker.py": 2,
    "intake/steps/take_files.py": 2,
    "routing/core/judgement.py": 2,
    "routing/core/learning/calibration.py": 1,
    "routing/core/learning/surety.py": 1,
    "routing/core/learning/training.py": 1,
    "routing/core/learning/vocabulary.py": 1,
    "routing/core/suspicion/on_demand.py": 2,
    "routing/core/suspicion/training.py": 2,
    "schemas/city.py": 1,
    "schemas/simplified.py": 1,
    "schemas/tables.py": 2,
    "sla/core/calendar.py": 3,
}


def test_modules_form_no_circle() -> None:
    """Of two modules that need each other neither can be read first; imports inside functions, or for types, count too."""
    arrows = {name: set(_imported(path)) for name, path in _modules().items()}

    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise AssertionError(f"move what both need below both: {circle}") from None


def test_a_late_import_says_why() -> None:
    """`# here: …` beside it, or `# Here …` above it; imports that follow one another need one reason."""
    silent = [
        place(path, late)
        for path in _all_files()
        if _name(path) not in _ON_DEMAND
        for late in _late(path)
        if not _has_reason(path, late)
    ]

    assert silent == [], "say beside it `# here: …` who would wait for it in vain, or import it at the top"


def test_late_imports_are_counted() -> None:
    """Each hides an arrow from whoever reads the head of a file: there are these, and no more."""
    found = Counter(_name(path) for path in _all_files() for _ in _late(path))

    assert found == _LATE, "import at the top; where a process would wait for it in vain, count it in `_LATE`"


def _all_files() -> list[Path]:
    return [path for package in PACKAGES for path in files(package)]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _modules() -> Mapping[str, Path]:
    """Every module of ours by its dotted name; a package by the name of its folder."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in _all_files()
    }


def _imported(path: Path) -> Iterator[str]:
    """The modules of ours that a file names anywhere; a package only where something of its own is taken."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in _modules())
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in _modules():
            package: str = node.module
            inside = (f"{package}.{each.name}" for each in node.names)
            yield from (each if each in _modules() else package for each in inside)


@cache
def _late(path: Path) -> tuple[ast.stmt, ...]:
    """Imports inside functions, in the order of their lines."""
    functions = [node for node in nodes(path) if isinstance(node, _FUNCTIONS)]
    inside = {each for function in functions for each in ast.walk(function) if isinstance(each, _IMPORTS)}
    return tuple(sorted(inside, key=lambda late: late.lineno))


def _has_reason(path: Path, late: ast.stmt) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    own, above = lines[late.lineno - 1 : late.end_lineno], lines[late.lineno - 2].strip()
    before = (each for each in _late(path) if each.end_lineno == late.lineno - 1)
    is_said = above.startswith("# Here") or any("# here: " in line for line in own)
    return is_said or any(_has_reason(path, each) for each in before)
