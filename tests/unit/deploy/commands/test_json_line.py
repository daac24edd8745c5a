"""A misspelled field of a line of JSON is refused, with the name that is meant, in the language of the terminal."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from deploy.commands import classify, deadline
from deploy.commands.classify import MessageLine
from deploy.commands.json_line import read_line
from schemas.errors import Unusable
from schemas.words import Language

_ASKED: dict[str, object] = {"from": "2026-11-27T10:00", "allow": "2 working days"}
_OF_TWO: list[dict[str, object]] = [{**_ASKED, "pausse": [["2026-11-27T11:00", "2026-11-30T11:00"]]}, _ASKED]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_CN.UTF-8", "questions.jsonl:1：没有字段 'pausse'：是否为 'pauses'？"),
        ("C.UTF-8", "questions.jsonl:1: no field 'pausse': is 'pauses' meant?"),
    ],
)
def test_a_misspelled_field_is_refused(tmp_path: Path, language: str, said: str) -> None:
    """Its pauses would count for nothing; line, field and the nearest name are said, and the other lines are answered."""
    result = _run(tmp_path, _OF_TWO, language)
    answers = [json.loads(line) for line in result.stdout.splitlines()]

    assert (1, said) == (result.exit_code, result.stderr.strip().rpartition("/")[2])
    assert "no field 'pausse': is 'pauses' meant?" == answers[0]["error"]
    assert "2026-12-01T17:30:00+08:00" == answers[1]["due_at"]


def test_a_field_that_is_near_to_none_is_told_all_of_them(tmp_path: Path) -> None:
    """By the names that files have."""
    result = _run(tmp_path, [{**_ASKED, "x": 1}], "C.UTF-8")

    assert "no field 'x': there are from, allow, rule, pauses, calendar, department" in result.stderr


def test_a_field_that_is_said_twice_is_refused(tmp_path: Path) -> None:
    """Which start was meant nobody knows."""
    (tmp_path / "questions.jsonl").write_text(
        '{"from": "2026-11-27", "from": "2026-11-30", "allow": "1 day"}\n'
    )
    result = _invoke(tmp_path, "C.UTF-8")

    assert (1, True) == (result.exit_code, "it says 'from' twice" in result.stderr)


@pytest.mark.parametrize("line", ["[1]", "7", "null", "{", '{"from": 7}', '{"allow": "1 day"}'])
def test_what_is_no_question_is_refused(tmp_path: Path, line: str) -> None:
    """With its line, and nothing of ours that fell over."""
    (tmp_path / "questions.jsonl").write_text(line)
    result = _invoke(tmp_path, "C.UTF-8")

    assert (1, SystemExit) == (result.exit_code, type(result.exception))
    assert "questions.jsonl:1: " in result.stderr


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ('{"titel": "路灯坏了", "text": "三天没人修。"}', "no field 'titel': is 'title' meant?"),
        ('{"txet": "路灯坏了"}', "no field 'txet': is 'text' meant?"),
        ('{"title": "路灯坏了", "text": "三天没人修。", "titel": "", "label": "住房"}', ""),
        ('{"text": "路灯坏了", "file": "a.csv", "date": "2026-11-27", "tags": []}', ""),
    ],
)
def test_what_other_programs_read_may_stand_beside_a_message(line: str, refused: str) -> None:
    """Its label, where it came from; a slip of a field that it lacks may not: half of it would be judged."""
    if not refused:
        assert read_line(line, MessageLine, others=True).text
        return
    with pytest.raises(Unusable) as found:
        read_line(line, MessageLine, others=True)

    assert refused == found.value.message(Language.EN)


def test_a_misspelled_message_is_not_classified(tmp_path: Path) -> None:
    """With its line, in the language of the terminal."""
    (tmp_path / "told.jsonl").write_text('{"text": "路灯坏了"}\n{"txet": "路灯坏了"}\n')
    app = typer.Typer()
    app.callback()(lambda: None)
    classify.register(app)
    typed = ["classify", "--file", str(tmp_path / "told.jsonl"), "--json"]

    result = CliRunner().invoke(app, typed, env={"LC_ALL": "zh_CN.UTF-8"})

    assert (1, "第 2 行没有字段 'txet'：是否为 'text'？") == (result.exit_code, result.stderr.strip())


def _run(folder: Path, lines: list[dict[str, object]], language: str) -> Result:
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return _invoke(folder, language)


def _invoke(folder: Path, language: str) -> Result:
    app = typer.Typer()
    deadline.register(app)
    return CliRunner().invoke(
        app, ["deadline", "--file", str(folder / "questions.jsonl")], env={"LC_ALL": language}
    )
