"""A number in the code says where it comes from: a law, a standard, arithmetic, or a choice of ours with its reason."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, dotted, files, place, tree

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*$")
#: What the name itself says.
_SAID_BY_THEIR_NAME = {"_DAY", "_WEEK", "_HOUR"}
_AMOUNTS = {"timedelta"}


@pytest.mark.parametrize("package", PACKAGES)
def test_numbers_say_where_they_come_from(package: str) -> None:
    """Each has a comment above it or beside it; one comment may stand above several that follow one another."""
    silent = [f"{place(path, line)} {ast.unparse(line)}" for path in files(package) for line in _silent(path)]

    assert silent == [], "say above it which law or standard gives it, or `project choice` and why"


def _silent(path: Path) -> Iterator[ast.stmt]:
    lines = path.read_text(encoding="utf-8").splitlines()
    #: The last line of what a comment speaks of.
    spoken_of = 0
    for line in tree(path).body:
        names = _constants(line)
        if not names:
            continue
        end = line.end_lineno or line.lineno
        is_above = lines[line.lineno - 2].startswith("#")
        is_beside = any("#" in each for each in lines[line.lineno - 1 : end])
        if is_above or is_beside or spoken_of == line.lineno - 1:
            spoken_of = end
        elif _is_number(line.value) and not names <= _SAID_BY_THEIR_NAME:  # type: ignore[attr-defined]  # an assignment
            yield line


def _constants(line: ast.stmt) -> set[str]:
    """The names in capitals that a line gives values to; none where it is something else."""
    targets: Sequence[ast.expr]
    if isinstance(line, ast.AnnAssign):
        targets = [line.target] if line.value is not None else []
    else:
        targets = line.targets if isinstance(line, ast.Assign) else []
    named = [
        each for target in targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    return {dotted(each) for each in named if _CONSTANT.match(dotted(each))}


def _is_number(value: ast.expr) -> bool:
    """A number, several, one that is made of others, or an amount of time."""
    match value:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(operand=inner):
            return _is_number(inner)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.Tuple(elts=parts):
            return all(map(_is_number, parts))
        case ast.Call(func=func, args=[], keywords=parts):
            return dotted(func) in _AMOUNTS and bool(parts) and all(_is_number(part.value) for part in parts)
    return False
