"""Whatever a command reports it has words for in both languages: in its source none stands in English alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

_CHINESE = re.compile("[\u4e00-\u9fff]")
#: Two words, one after the other.
_ENGLISH = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
#: One word beside a fact: `{count} rows`.
_WORD = re.compile(r"(^|[ (])[a-z]{3,}\b(?![-=/_.'])")
_OF_ANY_LANGUAGE = re.compile(r"huiyin|pid|https?://")
_LOCAL = ROOT / "deploy" / "local"
_FILES = (
    *sorted((ROOT / "deploy" / "commands").glob("*.py")),
    *(_LOCAL / name for name in ("up.py", "terminal.py", "demo_accounts.py")),
)
#: `bench` measures for developers, in the words of its JSON; the report of an evaluation is a page in both languages;
#: what the command line's library says is looked for in English.
_OTHERS = ("bench.py", "evaluation_report.py", "refusals.py")
#: Names, and what is written down and not said.
_NAMES = frozenset({"kafka jars", "local days"})


def _text(one: ast.AST) -> str:
    """Its own words, facts left out."""
    if isinstance(one, ast.JoinedStr):
        return "\0".join(_text(part) for part in one.values)
    return one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else ""


def _is_english(one: ast.AST) -> bool:
    text = _text(one)
    if _CHINESE.search(text) or text in _NAMES or text.split(" ")[0].isupper() or text.startswith("huiyin "):
        return False
    return _ENGLISH.search(text) is not None or (
        isinstance(one, ast.JoinedStr) and _WORD.search(_OF_ANY_LANGUAGE.sub("", text)) is not None
    )


def _alone(tree: ast.AST) -> Iterator[ast.AST]:
    """What is English, and neither a docstring nor help, nor stands behind its Chinese."""
    above = {below: one for one in ast.walk(tree) for below in ast.iter_child_nodes(one)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant | ast.JoinedStr) and _is_english(one):
            if isinstance(above[one], ast.Expr | ast.JoinedStr) or _has_its_chinese(one, above):
                continue
            yield one


def _has_its_chinese(one: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    while one in above:
        below, one = one, above[one]
        if isinstance(one, ast.keyword) and one.arg in ("help", "metavar", "en"):
            return True
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "en":
            return True
        beside = one.args if isinstance(one, ast.Call) else one.elts if isinstance(one, ast.Tuple) else []
        if below in beside and (place := beside.index(below)) and _holds_chinese(beside[place - 1]):
            return True
    return False


def _holds_chinese(one: ast.AST) -> bool:
    return any(_CHINESE.search(_text(each)) for each in ast.walk(one))


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_no_sentence_stands_in_english_alone(file: Path) -> None:
    """Each stands behind the same in Chinese: as `tell(zh, en)`, `Bilingual(zh=…, en=…)`, an error's `zh` and `en`."""
    found = () if file.name in _OTHERS else _alone(ast.parse(file.read_text(encoding="utf-8")))

    assert [] == [(each.lineno, _text(each)) for each in found if isinstance(each, ast.expr)]


def test_what_stands_alone_is_found() -> None:
    """However it is written."""
    written = """
typer.echo("nothing is missing")
typer.echo(f"{count} rows")
sys.stdout.write(f"{name}: worked\\n")
tell("没有缺失", "nothing is missing")
Finding(found=Bilingual(zh=f"{count} 行", en=f"{count} rows"))
"""

    assert [2, 3, 4] == [each.lineno for each in _alone(ast.parse(written)) if isinstance(each, ast.expr)]
