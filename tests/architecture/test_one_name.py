"""One thing has one name: whoever searches for a function finds every use of it."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, dotted, files, nodes, place, tree

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Packages whose `__init__` is what others use of them, whatever file it stands in.
_FACES: Mapping[str, str] = {
    "deploy.local.supervisor": "a library of its own, which knows nothing of Huiyin",
    "schemas.masking": "one pass made of many files; everybody masks by the package's name",
}
#: Constants that only have another's value, each with its reason.
_SAME_VALUE: Mapping[str, str] = {
    "_commit_as_ever": "what the library did before ours stands in its place",
    "_connection_as_ever": "what the library did before ours stands in its place",
    "_send_as_ever": "what the library did before ours stands in its place",
    "SUPPLEMENT_LIMIT": "another limit, which we chose to be as high",
    "_READ": "the columns that are read: those that the value has",
}


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_an_import_keeps_its_name(package: str) -> None:
    """`from a import b as c` only where the file has a `b` already; modules, as `store` or `np`, are free."""
    renamed = [
        f"{place(path, node)} {alias.name} as {alias.asname}"
        for path in files(package)
        for node, alias in _aliases(path)
        if alias.asname not in (None, alias.name)
        if not _is_module(node, alias) and alias.name not in _bound(path)
    ]

    assert renamed == [], "import it by its own name, or give it the better one where it stands"


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_imported_stands_where_it_is_imported_from(package: str) -> None:
    """What a module only imported itself has two addresses; packages with a public face are named with their reasons."""
    passed_on = [
        f"{place(path, node)} {alias.name} from {node.module}"
        for path in files(package)
        for node, alias in _aliases(path)
        if node.module and node.module in _modules() and node.module not in _FACES
        if not _is_module(node, alias) and alias.name not in _defined(_modules()[node.module])
    ]

    assert passed_on == [], "import it from the module that defines it"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_constant_is_no_second_name(package: str) -> None:
    """`X = other.Y`: one of the two names is enough, unless they mean different things."""
    doubled = [
        f"{place(path, node)} {ast.unparse(node)}"
        for path in files(package)
        for node in tree(path).body
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) not in _SAME_VALUE
        if any(map(dotted, _values(node)))
    ]

    assert doubled == [], "use the name that there is, or say in `_SAME_VALUE` what else it means"


def _values(node: ast.Assign) -> Sequence[ast.expr]:
    """What each name of an assignment gets: of `a, b = c, d` both; of `a = (c, d)` one, the pair."""
    if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        return node.value.elts
    return [node.value]


@cache
def _modules() -> Mapping[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in (*PACKAGES, "tests")
        for path in files(package)
    }


def _aliases(path: Path) -> Iterator[tuple[ast.ImportFrom, ast.alias]]:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield from ((node, alias) for alias in node.names)


def _is_module(node: ast.ImportFrom, alias: ast.alias) -> bool:
    """Of ours by its file; of others a module that is imported as a whole is rare, and named here."""
    name = f"{node.module}.{alias.name}"
    return name in _modules() or name in _OTHERS


#: Modules of libraries that have no name of ours to give way to.
_OTHERS = (
    "asyncpg.exceptions._base", "hypothesis.strategies", "rich.progress", "sqlalchemy.dialects.postgresql",
)  # fmt: skip


@cache
def _bound(path: Path) -> frozenset[str]:
    """Every name that a file uses by itself: what an import under its own name would collide with."""
    names = {node.id for node in nodes(path) if isinstance(node, ast.Name)}
    names |= {node.arg for node in nodes(path) if isinstance(node, ast.arg)}
    names |= {node.name for node in nodes(path) if isinstance(node, _DEFINITIONS)}
    imported = [alias.name for _, alias in _aliases(path)]
    twice = {name for name in imported if imported.count(name) > 1}
    return frozenset(names | twice | {alias.asname or alias.name for _, alias in _aliases(path)})


@cache
def _defined(path: Path) -> frozenset[str]:
    """What a module makes itself."""
    stored = {n.id for n in nodes(path) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(stored | {node.name for node in nodes(path) if isinstance(node, _DEFINITIONS)})
