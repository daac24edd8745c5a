"""A number in the code says where it comes from: a law, a standard, arithmetic, or a choice of ours with its reason."""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, dotted, files, place, tree

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*$")
#: What names a source: a choice of ours, a page of ours (which has the figures that were measured), arithmetic, another name
#: of the code, an address, a standard or a paper. A word alone, as "measured" or "as long as anybody likes", names none.
_SOURCE = re.compile(
    r"[Pp]roject choice|docs/|\b[Bb]y (arithmetic|definition)\b|advisory lock|\b([Aa]s|[Ss]ee) ([\w' ,]+ )?`"
    r"|https?://|§|State Council|Beijing's practice|et al\.|and others, [A-Z]|TAOCP|Krasovsky"
    r"|\b(RFC|ISO|IEEE|FIPS|HMAC|JEP|GB|W3C|POSIX)\b|\bKIP-\d|[Uu]nicode|Kafka's protocol|OpenSSL|X509|sysexits|linux/"
)
#: What the name itself says.
_SAID_BY_THEIR_NAME = {"_DAY", "_WEEK", "_HOUR"}
_AMOUNTS = {"timedelta"}


@pytest.mark.parametrize("package", PACKAGES)
def test_numbers_say_where_they_come_from(package: str) -> None:
    """Each has a comment above it or beside it; one comment may stand above several that follow one another."""
    silent = [
        f"{place(path, line)} {ast.unparse(line)} {said}"
        for path in files(package)
        if "versions" not in path.parts  # what a migration did once is no choice any more
        for line, said in _numbers(path)
        if not _SOURCE.search(said)
    ]

    assert silent == [], "say above it which law or standard gives it, or `project choice` and why"


@pytest.mark.parametrize(
    "said",
    ["Seconds, as long as anybody likes.", "Shown as in a list.", "A way of the world, measured in seconds.",
     "Chosen on a Monday.", "The interface of many.", "Source: unknown."],
)  # fmt: skip
def test_words_that_name_no_source_are_none(said: str) -> None:
    """Nearly any sentence has one of them."""
    assert _SOURCE.search(said) is None


def _numbers(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Each constant that is a number, with the comment that speaks of it; empty where none does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    #: The last line of what the comment speaks of.
    spoken_of, said = 0, ""
    for line in tree(path).body:
        names = _constants(line)
        if not names:
            continue
        own = _comment(lines, line)
        said = own or (said if spoken_of == line.lineno - 1 else "")
        spoken_of = line.end_lineno or line.lineno
        if _is_number(line.value) and not names <= _SAID_BY_THEIR_NAME:  # type: ignore[attr-defined]  # an assignment
            yield line, said


def _comment(lines: Sequence[str], line: ast.stmt) -> str:
    """The comment above a line and beside it, in one piece."""
    above = list(takewhile(lambda each: each.startswith("#"), reversed(lines[: line.lineno - 1])))
    beside = [each.partition("#")[2] for each in lines[line.lineno - 1 : line.end_lineno]]
    return " ".join(each.lstrip("#: ") for each in (*reversed(above), *beside) if each)


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
