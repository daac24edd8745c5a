"""Every setting that cannot be used, with every command that starts with it: one sentence, exit status 2, no traceback."""

import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import pytest

from deploy.commands import main

_SECRET = "0123456789abcdef" * 4
#: A value that nobody can mean. A folder is named by what stands in the test's own.
WRONG: Sequence[tuple[str, str]] = (
    ("CITY_DIRECTORY", "missing"), ("CITY_DIRECTORY", "empty"), ("CITY_DIRECTORY", "a.toml"), ("CITY_DIRECTORY", "broken"),
    ("TIME_ZONE", "Mars/Olympus"), ("TIME_ZONE", "../etc"), ("TIME_ZONE", "/"),
    ("MINI_APPS", "{"), ("MINI_APPS", "[1]"), ("HUIYIN_PORT", "x"), ("HUIYIN_PORT", "0"), ("HUIYIN_LOG_LEVEL", "loud"),
    ("TRACE_RATIO", "2"), ("TOPIC_PREFIX", "Ä"), ("INBOX_DAYS", "1"), ("KAFKA_SECURITY_PROTOCOL", "TLS"),
    ("METRICS_PORT", "70000"), ("DATABASE_POOL_SIZE", "none"),
)  # fmt: skip
COMMANDS: Sequence[Sequence[str]] = (
    ["serve"], ["work"], ["work", "sla"], ["relay"], ["sweep"], ["sweep", "--notices"], ["notify"], ["mail"],
    ["up", "--data", "data"],
)  # fmt: skip
_OTHER = 'holidays = "CN"\nother_hours = [{{ hours = ["09:00-12:00"], {} }}]'
_FILES = ("CITY_DIRECTORY", "ROUTING_DIRECTORY", "RULES_FILE")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are no city's."""
    for name in ("empty", "broken"):
        (tmp_path / name).mkdir()
    (tmp_path / "unfit").mkdir()
    for place in ("a.toml", "broken/departments.toml"):
        (tmp_path / place).write_text("x = [", encoding="utf-8")
    (tmp_path / "unfit/urgency.toml").write_text("emergency = 1", encoding="utf-8")
    return tmp_path


def _say(folder: Path, monkeypatch: pytest.MonkeyPatch, words: Sequence[str], **wrong: str) -> int:
    """The exit status of the command, with nothing running and these settings."""
    monkeypatch.chdir(folder)
    given = {"HUIYIN_SECRET_KEY": _SECRET, "HUIYIN_DATA": str(folder / "data")}
    given |= {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }
    for name, value in (given | wrong).items():
        monkeypatch.setenv(name, str(folder / value) if name in _FILES else value)
    monkeypatch.setattr(sys, "argv", ["huiyin", *words])
    with pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("name", "value"), WRONG)
def test_nothing_starts_with_a_wrong_setting(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: Sequence[str],
    name: str,
    value: str,
) -> None:
    """The sentence names the setting; no server is waited for."""
    assert _say(folder, monkeypatch, words, **{name: value}) == 2
    out, err = capfd.readouterr()
    told = out + err

    assert "Traceback" not in told
    assert name in told or name.lower() in told


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("CITY_DIRECTORY", "missing", "没有这个文件", "there is no such file"),
        ("CITY_DIRECTORY", "a.toml", "无法读取", "cannot be read"),
        ("CITY_DIRECTORY", "broken", "不是 UTF-8 编码的 TOML", "this is no TOML in UTF-8"),
        ("TIME_ZONE", "Mars/Olympus", "没有这个时区", "no such time zone"),
        ("ROUTING_DIRECTORY", "missing", "不是文件夹", "is no folder"),
        (
            "ROUTING_DIRECTORY",
            "broken",
            "departments.toml 不是 UTF-8 编码的 TOML",
            "departments.toml is no TOML in UTF-8",
        ),
        ("ROUTING_DIRECTORY", "unfit", "派单规则的内容不符", "the routing rules do not fit"),
    ],
)
@pytest.mark.parametrize("words", [["up", "--data", "data"], ["classify", "路灯"]], ids=" ".join)
def test_the_whole_sentence_is_in_the_language_of_the_terminal(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: Sequence[str],
    name: str,
    value: str,
    zh: str,
    en: str,
) -> None:
    """What is wrong within it, too."""
    for locale, said in (
        ("zh_CN.UTF-8", (zh, "不可用", "请看")),
        ("en_GB.UTF-8", (en, "cannot be used", "See")),
    ):
        assert _say(folder, monkeypatch, words, LC_ALL=locale, **{name: value}) == 2
        told = capfd.readouterr().err
        assert [] == [part for part in (name, *said) if part not in told]


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("CITY_DIRECTORY", "empty", "city"),
        ("CITY_DIRECTORY", "broken", "city"),
        ("TIME_ZONE", "Mars/Olympus", "city"),
        ("ROUTING_DIRECTORY", "missing", "words"),
        ("ROUTING_DIRECTORY", "a.toml", "words"),
        ("RULES_FILE", "missing", "rules"),
        ("RULES_FILE", "a.toml", "rules"),
        ("RULES_FILE", "empty", "rules"),
    ],
)
def test_doctor_names_files_that_cannot_be_used(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
    value: str,
    check: str,
) -> None:
    """With nothing running, and nothing else to go by."""
    nowhere = {"DATABASE_URL": "", "KAFKA_BOOTSTRAP_SERVERS": ""}

    assert _say(folder, monkeypatch, ["doctor"], **nowhere, **{name: value}) == 1
    said = capfd.readouterr().out
    assert f"✗ {check}: " in said


@pytest.mark.parametrize(
    ("written", "wrong", "said"),
    [
        ('hours = ["09:00-17:00"]', 'hours = ["9-17"]', "hours are written"),
        ('hours = ["09:00-17:00"]', 'hours = ["17:00-09:00"]', "must be in order"),
        ("weekdays = [1, 2, 3, 4, 5, 6]", "weekdays = [0]", "from 1, Monday, to 7"),
        ('holidays = "CN"', 'holidays = "XX"', "`holidays`"),
        ('holidays = "CN"', _OTHER.format("weekdays = [9]"), "from 1, Monday, to 7"),
        ('holidays = "CN"', _OTHER.format('from = "13-01"'), "MM-DD"),
        ('holidays = "CN"', _OTHER.format('to = "June"'), "MM-DD"),
        ('calendar = "china"', 'calendar = "mars"', "'mars' is none of"),
        ('emergency = "around-the-clock"', 'emergency = "nowhere"', "'nowhere' is none of"),
    ],
)
def test_doctor_names_a_calendar_that_cannot_be(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    written: str,
    wrong: str,
    said: str,
) -> None:
    """A calendar of the city's rules, with nothing running; in words, not in Python's."""
    shipped = (resources.files("sla") / "data" / "rules.toml").read_text(encoding="utf-8")
    assert written in shipped
    (folder / "rules.toml").write_text(shipped.replace(written, wrong, 1), encoding="utf-8")
    nowhere = {"DATABASE_URL": "", "KAFKA_BOOTSTRAP_SERVERS": ""}

    assert _say(folder, monkeypatch, ["doctor"], **nowhere, RULES_FILE="rules.toml") == 1
    found = next(line for line in capfd.readouterr().out.splitlines() if line.startswith("✗ rules: "))
    assert said in found
