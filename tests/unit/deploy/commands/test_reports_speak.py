"""What commands report in a Chinese terminal, where they need no server: in Chinese, line by line."""

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.architecture.source import ROOT

_CHINESE = re.compile("[\u4e00-\u9fff]")
#: Two words, one after the other: half a sentence.
_ENGLISH = re.compile(r"[A-Za-z]{2,}[,:]? [a-z]{3,}")
_RULES, _CITY = ROOT / "sla/data/rules.toml", ROOT / "schemas/data"
_PAUSE = ("--pause", "2026-12-30T18:00..2026-12-30T20:00")
_REPORTS = (
    ("deadline", "--from", "2026-12-30T10:00", "--allow", "5 working days", *_PAUSE),
    ("deadline", "--from", "2026-09-18T10:00", "--allow", "20 working days"),
    ("calendar", "show", "2026"),
    ("calendar", "show", "2027"),
    ("rules", "check", str(_RULES)),
    ("city", "check", str(_CITY)),
    ("classify", "城管队长收了钱不管"),
    ("classify", "路灯坏了三天没人修"),
    ("evaluate", "--data", "labelled.csv", "--label-column", "label"),
    ("topics", "--file", "told.csv"),
    ("import", "messages.csv", "--channel", "web", "--dry-run"),
)
#: Files of columns as they are, and what stands in them.
_FILES = {
    "labelled.csv": "title,text,label\n公交太少,等车,交通运输\n医院收费,医生,劳动和社会保障\n",
    "told.csv": "title,text,received_at,author\n路灯坏了,和平路,2026-11-22 16:45,甲\n",
    "messages.csv": "标题,内容,保密\n路灯坏了,和平路三号,说不清\n空,,否\n",
}


def _said(typed: Sequence[str], language: str) -> str:
    app = typer.Typer()
    app.callback()(lambda: None)
    from deploy.commands import main

    import_module(f"deploy.commands.{main._FILES[typed[0]]}").register(app)
    done = CliRunner().invoke(app, typed, env={"LC_ALL": language})
    assert done.exit_code in (0, 3), done.output
    return done.stdout


@pytest.fixture(autouse=True)
def _nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "0123456789abcdef" * 4)
    for name, text in _FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("typed", _REPORTS, ids=" ".join)
def test_a_report_speaks_the_language_of_the_terminal(typed: Sequence[str]) -> None:
    """No line of it is half English where that is Chinese; in any other it is English."""
    zh, en = _said(typed, "zh_CN.UTF-8"), _said(typed, "C.UTF-8")

    assert [] == [line for line in zh.splitlines() if _ENGLISH.search(line)]
    assert _CHINESE.search(zh)
    assert zh != en
