"""The walk through the code leads through code that is there."""

import ast
import re

import pytest

from tests.architecture.source import ROOT, nodes

#: `file.py:function`, as docs/architecture.md names a hop.
_HOP = re.compile(r"`([\w/]+\.py):(\w+)`")
HOPS = _HOP.findall((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))


def test_the_walk_is_read() -> None:
    """The document names at least a hop for each of the seven steps."""
    assert len(HOPS) >= 7


@pytest.mark.parametrize(("file", "function"), HOPS)
def test_every_hop_is_there(file: str, function: str) -> None:
    """A newcomer who opens the file finds the function."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = {node.name for node in nodes(ROOT / file) if isinstance(node, kinds)}

    assert function in defined, "the walk in docs/architecture.md names it: name what took its place"
