"""The project's own source files, parsed once."""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SLICES = ("intake", "routing", "handlers", "sla")
PACKAGES = ("schemas", *SLICES, "deploy")


@cache
def files(*packages: str) -> Sequence[Path]:
    """Every Python file of these packages."""
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    """Every node of one file."""
    return tuple(ast.walk(tree(path)))


def place(path: Path, node: ast.AST | None = None) -> str:
    """`sla/steps.py:12`, for a message."""
    name = str(path.relative_to(ROOT))
    return name if node is None else f"{name}:{getattr(node, 'lineno', 0)}"


def dotted(node: ast.AST) -> str:
    """`os.environ.get` for that attribute; empty where it is no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def texts(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every text in the code that is no docstring, f-strings with their fixed parts."""
    documented = {id(node.body[0].value) for node in nodes(path) if _has_docstring(node)}  # type: ignore[attr-defined]  # checked there
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node, node.value


def _has_docstring(node: ast.AST) -> bool:
    documentable = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, documentable) and ast.get_docstring(node, clean=False) is not None
