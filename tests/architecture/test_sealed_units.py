"""What handlers logs is sealed, so whoever calls its steps has the audit's key with them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import files, nodes, place


def _without_key(path: Path) -> Iterator[ast.AST]:
    """Units without the key in which something of handlers is called."""
    imported = {
        alias.asname or alias.name
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("handlers.")
        for alias in node.names
    } | {"handlers"}
    for node in nodes(path):
        if isinstance(node, ast.AsyncWith) and any(map(_opens_unsealed, node.items)):
            names = {name.id for each in node.body for name in ast.walk(each) if isinstance(name, ast.Name)}
            if names & imported:
                yield node


def _opens_unsealed(item: ast.withitem) -> bool:
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "unit_of_work"
        and "audit_key" not in {each.arg for each in call.keywords}
    )


def test_whoever_calls_handlers_has_the_audits_key() -> None:
    """Without it the first thing that is logged ends the process: as a sweeper did, that ended an entry."""
    found = [place(path, node) for path in files("deploy") for node in _without_key(path)]

    assert [] == found
