"""Whatever a command refuses it says in the language of the terminal, and does nothing by halves."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from deploy.commands import main
from schemas.errors import HuiyinError
from tests.architecture.source import ROOT
from tests.unit.deploy.commands.every_command import COMMANDS

_FOLDER = ROOT / "deploy" / "commands"
_APP = main.app
#: But for our own name.
_CHINESE = re.compile("[\u4e00-\u9fff]")
#: A word after another, as the library's sentences have them; but for the command that tells more.
_ENGLISH = re.compile(r"[A-Za-z]+,? [a-z]+ (?=.*；用法请看)")
_LANGUAGES = ("zh_CN.UTF-8", "C.UTF-8")
#: A name in an error's sentence, which a fact takes the place of.
_FACT = re.compile(r"\{\w+\}")


def _wrong_values(command: object) -> Iterator[Sequence[str]]:
    """An option that is none; of each number, choice, id or day what is neither, and of bounded numbers one outside."""
    yield ["--nonsense"]
    for one in getattr(command, "params", ()):
        for wrong in _wrong_of(one):
            yield [one.opts[-1], wrong] if one.param_type_name == "option" else [wrong]


def _wrong_of(one: Any) -> Iterator[str]:
    """What the command line refuses for it by itself."""
    kind = one.type_descriptor
    if (
        kind.is_choice
        or kind.is_datetime
        or any(name in one.bare_type() for name in ("int", "float", "UUID"))
    ):
        yield "no-such-value"
    if kind.is_datetime:
        yield "2026-13-45"
    if one.min is not None:
        yield str(one.min - 1)
    if one.max is not None:
        yield str(one.max + 1)


def _typed_wrongly() -> Iterator[tuple[str, ...]]:
    for words, command in COMMANDS.items():
        for wrong in _wrong_values(command):
            yield (*words, *wrong)


def test_what_the_command_line_checks_is_walked() -> None:
    """Each kind there is: a library that calls them otherwise would leave all of it unseen."""
    walked = list(_typed_wrongly())

    for typed in (
        ("user", "add", "--role", "no-such-value"),
        ("export", "--from", "2026-13-45"),
        ("audit", "verify", "no-such-value"),
        ("up", "--brokers", "0"),
        ("up", "--brokers", "4"),
    ):
        assert typed in walked


def _refused(
    typed: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str]:
    """In an app of its own, as each process has one: registering twice makes it slow."""
    if typed[0] in main._FILES:
        own = typer.Typer()
        own.callback()(lambda: None)
        monkeypatch.setattr(main, "app", own)
    monkeypatch.setattr("sys.argv", ["huiyin", *typed])
    with pytest.raises(SystemExit) as ended:
        main.main()
    monkeypatch.setattr(main, "app", _APP)
    return ended.value.code, capsys.readouterr().err.replace("回音", "")


@pytest.fixture(autouse=True)
def _nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "0123456789abcdef" * 4)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/huiyin")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    (tmp_path / "broken").write_bytes(b"\xff\xfe\x00\x81")
    (tmp_path / "nul").write_bytes(b"\x00\x01\x02")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "x.toml").write_text("version = [", encoding="utf-8")


def test_what_is_typed_wrongly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of every command: exit status 2, and a sentence that is Chinese in a Chinese terminal, and in no other."""
    wrong: list[tuple[object, ...]] = []
    for typed in _typed_wrongly():
        for language in _LANGUAGES:
            monkeypatch.setenv("LC_ALL", language)
            status, said = _refused(typed, monkeypatch, capsys)
            is_chinese = _CHINESE.search(said) is not None and _ENGLISH.search(said) is None
            if status != 2 or is_chinese is not language.startswith("zh") or "Value error" in said:
                wrong.append((typed, language, status, said))

    assert [] == wrong


#: Of each command that reads a file or asks a server what it refuses then: nothing is there, and nothing listens.
_REFUSED = [
    ("calendar", "import", "missing"),
    ("calendar", "import", "empty"),
    ("calendar", "import", "broken"),
    ("calendar", "import", "text.csv"),
    ("calendar", "check", "text.csv"),
    ("calendar", "check", "text.csv", "--calendar", "mars"),
    ("calendar", "show", "2027", "--calendar", "mars"),
    ("calendar", "show", "2027", "--department", "nobody"),
    ("calendar", "show", "1900"),
    ("deadline",),
    ("deadline", "--file", "missing"),
    ("deadline", "--file", "broken"),
    ("deadline", "--file", "text.csv"),
    ("deadline", "--from", "tomorrow", "--allow", "1 hours"),
    ("deadline", "--from", "2026-11-22", "--allow", "3 moons"),
    ("deadline", "--from", "2026-11-22", "--allow", "90 minutes", "--rule", "ordinary"),
    ("deadline", "--from", "2026-11-22", "--rule", "nothing"),
    ("deadline", "--from", "2026-11-22", "--allow", "90 minutes", "--pause", "x"),
    ("deadline", "--from", "2026-11-22", "--allow", "90 minutes", "--pause", "2026-11-23..2026-11-22"),
    ("deadline", "--from", "2099-11-22", "--allow", "90 working days"),
    ("deadline", "--from", "2026-11-22", "--allow", "1 hours", "--calendar", "a", "--department", "b"),
    ("rules", "check", "x.toml"),
    ("rules", "check", "broken"),
    ("rules", "check", "missing"),
    ("topics", "--file", "missing"),
    ("topics", "--file", "text.csv"),
    ("topics", "--file", "nul"),
    ("topics", "--file", "text.csv"),
    ("topics", "--file", "text.csv", "--time-column", "a", "--author-column", "b", "--text-column", "b"),
    ("user", "disable", "nobody"),
    ("token", "add"),
    ("token", "add", "--department", "nobody"),
    ("token", "revoke", "nobody"),
    ("train",),
    ("train", "--data", "missing"),
    ("train", "--data", "text.csv"),
    ("train", "--data", "nul"),
    ("train", "--data", "text.csv"),
    ("train", "--data", "text.csv", "--label-column", "a", "--text-column", "b"),
    ("evaluate",),
    ("evaluate", "search", "missing"),
    ("evaluate", "--data", "missing", "--label-column", "a"),
    ("models", "list"),
    ("models", "promote", "9"),
    ("models", "precision", "2"),
    ("classify",),
    ("classify", "--file", "missing"),
    ("classify", "text", "--model", "missing"),
    ("classify", "text", "--model", "empty"),
    ("dead-letters", "show", "abc"),
    ("dead-letters", "drop", "abc"),
    ("audit", "verify", "x"),
    ("audit", "restored", "yesterday"),
    ("audit", "restored", "2026-01-01T00:00:00+08:00"),
    ("lost", "list"),
    ("import", "missing", "--channel", "web"),
    ("import", "text.csv", "--channel", "pigeon"),
    ("import", "text.csv", "--channel", "web", "--map", "a"),
    ("export", "everything"),
    ("export", "cases", "--format", "doc"),
    ("export", "cases"),
    ("knowledge", "import", "missing"),
    ("knowledge", "import", "broken"),
    ("knowledge", "export"),
    ("notices", "list"),
    ("notices", "retry"),
    ("notices", "retry", "abc"),
    ("notices", "subscribe", "nobody"),
    ("notices", "subscribe", "a@b.example", "--department", "nobody"),
    ("notices", "subscribe", "a@b.example", "--role", "citizen"),
    ("notices", "unsubscribe", "abc"),
    ("webhook", "add", "--url", "nowhere", "--city"),
    ("webhook", "add", "--url", "https://example.org/x"),
    ("webhook", "remove", "abc"),
    ("backup", "/nowhere/copy"),
    ("restore", "broken"),
    ("work", "nothing"),
    ("status", "--data", "text.csv"),
    ("status",),
    ("restore", "empty"),
    ("token", "no-such-command"),
    ("train", "too", "many"),
    ("train", "--data"),
]


@pytest.mark.parametrize("typed", _REFUSED, ids=" ".join)
def test_what_cannot_be_done(
    typed: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with a status that is not 0, and a sentence in the language of the terminal."""
    for language in _LANGUAGES:
        monkeypatch.setenv("LC_ALL", language)
        status, said = _refused(typed, monkeypatch, capsys)

        assert 0 != status
        assert "Traceback" not in said
        assert (_CHINESE.search(said) is not None) is language.startswith("zh"), said


def test_nothing_is_said_past_the_language_of_the_terminal() -> None:
    """No command writes a sentence to stderr by itself, nor makes a refusal of one: `refusals` asks for both languages."""
    found = [
        f"{file.name}:{call.lineno}"
        for file in sorted(_FOLDER.glob("*.py"))
        if file.name != "refusals.py"
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _is_one_sentence(call)
    ]

    assert [] == found


def _is_one_sentence(call: ast.Call) -> bool:
    written = ast.unparse(call.func)
    if written in ("typer.BadParameter", "BadParameter"):
        return True
    to_stderr = written == "sys.stderr.write" or any(
        keyword.arg == "err" and ast.unparse(keyword.value) == "True" for keyword in call.keywords
    )
    return to_stderr and written in ("typer.echo", "sys.stderr.write") and _is_written(call.args)


def _is_written(given: Sequence[ast.expr]) -> bool:
    """Whether its words stand there, and come from nowhere else."""
    return any(isinstance(one, ast.Constant | ast.JoinedStr) and _has_words(one) for one in given)


def _has_words(one: ast.expr) -> bool:
    parts = one.values if isinstance(one, ast.JoinedStr) else [one]
    text = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
    return re.search("[A-Za-z]{3}", text.replace("huiyin", "")) is not None


def _errors() -> Iterator[type[HuiyinError]]:
    """Every error of ours that a command may end with, as far as it is loaded."""
    waiting = [HuiyinError]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.__subclasses__()


def test_each_error_is_said_in_both_languages() -> None:
    """All that the commands load, whoever raises them."""
    wrong = [
        one.__name__
        for one in _errors()
        if one.__module__.split(".")[0] != "tests"
        # Nothing but a fact: its words are another's.
        and _FACT.sub("", one.en)
        and (
            _CHINESE.search(one.zh) is None
            or _CHINESE.search(one.en) is not None
            # What another error says in Chinese is not what this one says in English.
            or ("en" in vars(one)) is not ("zh" in vars(one) or "message" in vars(one))
        )
    ]

    assert [] == wrong
