"""Nothing lies about unused: whoever reads a function may believe that something calls it."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, files, nodes, place, tree

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: What only tests and people call, each with its reason.
_FOR_OTHERS: Mapping[str, str] = {
    "gcj02_of_wgs84": "the way there, by which tests prove the way back",
    "rights_of_department": "what operators are told to grant a department's system",
    "texts_by_catalog": "every sentence, for the tests of the catalogs",
}


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_what_is_private_is_used_where_it_stands(package: str) -> None:
    """A module's own constant, class or function is used in that module; decorated ones are used by whoever decorates."""
    unused = [
        f"{place(path, node)} {name}"
        for path in files(package)
        for name, node in _private(path)
        if not _used(path)[name]
    ]

    assert unused == [], "take it out: nobody can tell whether something still depends on it"


def test_every_function_is_called_by_more_than_tests() -> None:
    """A function that tests alone call proves nothing of the product, which does it some other way."""
    used = {name for package in PACKAGES for path in files(package) for name in _used(path)}
    unused = {
        node.name: place(path, node)
        for package in PACKAGES
        for path in files(package)
        if "versions" not in path.parts  # Alembic calls those by name
        for node in tree(path).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if not node.decorator_list and node.name not in used
    }

    assert {} == {name: where for name, where in unused.items() if name not in _FOR_OTHERS}


def _private(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree(path).body:
        if isinstance(node, _DEFINITIONS) and not node.decorator_list:
            names = [node.name]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            names = []
        yield from ((name, node) for name in names if name.startswith("_") and not name.startswith("__"))


@cache
def _used(path: Path) -> Counter[str]:
    """How often a file reads each name; a name that is imported under another one is used by that."""
    return Counter(name for node in nodes(path) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names if alias.asname)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        yield node.value
