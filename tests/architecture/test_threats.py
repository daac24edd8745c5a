"""docs/security.md promises nothing that no test holds, and no staff route is left out of the matrix."""

import ast
import re
from functools import cache
from pathlib import Path

import msgspec

from deploy.docgen.reference import every_route
from tests.integration.security.bodies import BODIES, kind_of, well_formed

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
#: Whom the page must speak of.
ATTACKERS = (
    "The neighbour",
    "The accused unit",
    "The curious clerk",
    "The stranger",
    "The stolen backup",
    "The administrator of the database",
    "The local user",
    "A department's own system",
    "A compromised slice",
)
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_LINE = re.compile(r"^\| (?!what stops them|-)(.*) \|$", re.MULTILINE)


@cache
def _functions(file: str) -> frozenset[str]:
    if not (ROOT / file).is_file():
        return frozenset()
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_every_line_names_its_test() -> None:
    """And each of those tests exists: whoever renames one renames it there, too."""
    lines = _LINE.findall(PAGE)
    named = [_NAMED.findall(line) for line in lines]

    assert len(lines) > len(ATTACKERS)
    assert [] == [line for line, tests in zip(lines, named, strict=True) if not tests]
    assert [] == [
        f"{file}::{name}" for tests in named for file, name in tests if name not in _functions(file)
    ]


def test_every_attacker_is_there() -> None:
    """With what stops them, and with what remains."""
    sections = dict(part.split("\n", 1) for part in PAGE.split("\n## ")[1:])

    assert set(ATTACKERS) == set(sections)
    for attacker, section in sections.items():
        assert _NAMED.search(section), attacker
        assert "**What remains.**" in section, attacker


def test_the_matrix_knows_every_staff_route() -> None:
    """What a well-formed request holds is said for each in `tests/integration/security/bodies.py`."""
    posted = [route for route in every_route() if route.who and route.method == "POST"]
    known = [route for route in posted if kind_of(route) in BODIES]

    assert [] == sorted({route.path for route in posted} - {route.path for route in known})
    for route in known:
        if route.body is not None:
            msgspec.convert(well_formed(route), route.body)
