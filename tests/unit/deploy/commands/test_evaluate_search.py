"""`huiyin evaluate search`."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from deploy.commands import evaluate

APP = typer.Typer()
evaluate.register(APP)
APP.callback()(lambda: None)


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(APP, ["evaluate", *words])
    return done.exit_code, done.output


def test_the_figures_are_printed_for_people_and_for_scripts(tmp_path: Path) -> None:
    """With the questions that missed."""
    file = tmp_path / "judged.tsv"
    file.write_text("路灯不亮\t已修复。\t路灯不亮怎么办\t没有关系的话\n", encoding="utf-8")

    assert (0, True) == ((done := _run("search", str(file)))[0], "missed: 没有关系的话" in done[1])
    code, output = _run("search", str(file), "--json")
    assert (0, 0.5, 2) == (code, (found := json.loads(output))["at_1"], found["questions"])


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """No file, no questions in it, another word, nothing at all."""
    empty = tmp_path / "bad.tsv"
    empty.write_text("a\tb\n", encoding="utf-8")

    for words in (("search", "/nowhere.tsv"), ("search", str(empty)), ("search",), ("fly", str(empty)), ()):
        code, output = _run(*words)
        assert code != 0, words
        assert "Traceback" not in output
