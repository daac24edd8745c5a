"""Every setting there is, wrong, with every command there is: one sentence that names it, exit status 2, nothing begun."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import SecretStr

from deploy.commands import main
from deploy.commands.refusals import _variable
from deploy.setting_shapes import SHAPES
from deploy.settings import Settings

#: Texts that nobody can mean, of every setting that has a shape.
_SLIPS: Mapping[str, Sequence[str]] = {
    "database_url": (
        "localhost", "mysql://host/db", "postgresql:host", "postgresql://u:p/w@host/db", "postgresql://host:port/db",
        "postgresql://host:70000/db", "postgresql://a:1,b:x/db", "postgresql://ho st/db", "postgresql://h/db?sslmode=yes",
        "postgresql://h/db?port=x", "postgresql://[::1/db",
    ),
    "migration_database_url": ("localhost", "postgres//host"),
    "kafka_bootstrap_servers": (
        "kafka://host:9092", "host:port", "host:0",
        "host:99999", ":9092", "a:9092,,b:9092", "a:9092;b:9092", "host:", "[::1]9092",
    ),
    "host": ("http://0.0.0.0", "0.0.0.0:8080", "a b", "::x"),
    "public_url": ("city.example", "ftp://city.example", "https://", "https://city.example:x"),
    "trusted_proxies": ("proxy", "10.0.0.0/8", "10.0.0.1;10.0.0.2", "300.1.1.1"),
    "attachments_bucket": ("s3://bucket", "a/b", "x"),
    "attachments_s3_endpoint": ("minio:9000", "s3://host", "http://host:port"),
    "clamd": ("clamd", "host:port", "tcp://host:3310", ":3310", "host:"),
    "mail_in_url": ("hotline@city.example", "pop3://u@h", "imaps://host-without-user", "maildir://", "maildir://path", "imap://u@h:x"),
    "mail_out_url": ("host:25", "http://x", "smtp://", "smtp://host:x"),
    "mail_address": ("hotline", "@city.example", "hotline@"),
    "smtp_url": ("host", "smtps://host:0", "mailto:x@y"),
    "mail_from": ("city.example", "a@b c"),
    "sms_url": ("gateway", "file://", "sms://host", "https://host:x/path"),
    "push_url": ("gateway", "file:path"),
    "otel_endpoint": ("collector:4318", "grpc://collector:4317"),
}  # fmt: skip
#: Texts that can be meant, so that no rule is stricter than what works.
_MEANT: Mapping[str, Sequence[str]] = {
    "database_url": (
        "postgresql://db/huiyin", "postgres://u:p%2F@[::1]:5432/d?sslmode=verify-full&sslrootcert=/ca.pem",
        "postgresql+asyncpg://u@a:1,b:2/d", "postgresql:///d?host=/run/postgresql", "postgresql://u:p@/d?host=a&port=5433",
    ),
    "migration_database_url": ("postgresql://owner@db/huiyin",),
    "kafka_bootstrap_servers": ("kafka:9092", "a:1, b:2", "kafka", "[::1]:9092", "::1"),
    "host": ("10.0.0.1", "::", "localhost", "fe80::1%eth0"),
    "public_url": ("https://12345.example.gov.cn/", "http://127.0.0.1:8080", "https://回音.example"),
    "trusted_proxies": ("10.0.0.1, ::1", "127.0.0.1,"),
    "attachments_bucket": ("city-files", "City_files.2"),
    "attachments_s3_endpoint": ("http://minio:9000", "https://oss.example"),
    "clamd": ("127.0.0.1:3310", "/run/clamav/clamd.ctl", "[::1]:3310"),
    "mail_in_url": ("maildir:///var/mail", "imaps://hotline%40city.example@imap.city.example/INBOX", "imap://u@127.0.0.1:1"),
    "mail_out_url": ("smtp://127.0.0.1:25", "smtps://hotline%40city.example@smtp.city.example"),
    "mail_address": ("hotline@city.example", "热线@例子.中国"),
    "smtp_url": ("smtp://relay",),
    "mail_from": ("no-reply@city.example", "City <no-reply@city.example>"),
    "sms_url": ("https://gateway.example/send?x=1", "file:///tmp/sms"),
    "push_url": ("http://127.0.0.1:9/push",),
    "otel_endpoint": ("http://collector:4318/v1/traces",),
}  # fmt: skip
#: Whatever is written can be meant: user names, regions, key ids; secrets are not looked into.
_FREE = {"kafka_sasl_username", "attachments_s3_region", "attachments_s3_key_id"}
#: A file's content, or a name in the system's own tables, is looked at where it is read: test_wrong_settings, test_access.
_READ_LATER = {"time_zone"}
COMMANDS = sorted({*main._OWN, *main._FILES} - main._HEEDLESS)


def _wrong(name: str) -> Sequence[str]:
    """Values that this setting cannot have, by its kind."""
    field = Settings.model_fields[name]
    kind: Any = field.annotation
    if name in SHAPES:
        return _SLIPS[name]
    if kind is bool:
        return ("perhaps",)
    if kind in (int, float):
        return ("x", "-1e9" if kind is float else "-1000000000")
    if get_origin(kind) is Literal:
        return ("neither",)
    if get_origin(kind) is dict:
        return ("{", "[1]")
    return ("Ä b",) if any(getattr(each, "pattern", None) for each in field.metadata) else ()


CELLS = [(name, value) for name in Settings.model_fields for value in _wrong(name)]


def _is_path(kind: Any) -> bool:
    return kind is Path or (isinstance(kind, UnionType) and Path in get_args(kind))


def test_of_every_setting_somebody_said_what_is_wrong() -> None:
    """A new one has wrong values here, or a reason why it can have none."""
    undecided = {
        name
        for name, field in Settings.model_fields.items()
        if not _wrong(name) and field.annotation is not SecretStr and not _is_path(field.annotation)
    }

    assert undecided == _FREE | _READ_LATER
    assert SHAPES.keys() == _SLIPS.keys() == _MEANT.keys()


@pytest.mark.parametrize("name", SHAPES)
def test_what_can_be_meant_is_taken(name: str) -> None:
    """A city that runs today starts with this release."""
    assert [] == [value for value in _MEANT[name] if not SHAPES[name].takes(value)]


def _said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str) -> str:
    """What the command says on stderr where a setting is wrong; it ends with 2, and nothing of it has begun."""
    monkeypatch.setattr(main, "app", lambda **_: pytest.fail(f"{command} began"))
    monkeypatch.setattr(main, "_needed", lambda _: ())
    monkeypatch.setattr(sys, "argv", ["huiyin", command])
    with pytest.raises(SystemExit) as ended:
        main.main()

    assert ended.value.code == 2
    return capfd.readouterr().err


@pytest.mark.parametrize("name", dict(CELLS))
def test_no_command_begins_with_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    """Whichever it is, they say the same: one line that names the setting. A fifth of the commands, another for the next."""
    monkeypatch.setenv(_variable(name), _wrong(name)[0])
    said = {_said(monkeypatch, capfd, command) for command in COMMANDS[[*dict(CELLS)].index(name) % 5 :: 5]}

    assert len(said) == 1
    (line,) = said
    assert line.startswith(f"huiyin: {_variable(name)}: ")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("terminal", "more"), [("C.UTF-8", "see docs/"), ("zh_CN.UTF-8", "各项设置见 docs/")]
)
@pytest.mark.parametrize(("name", "value"), CELLS)
def test_the_sentence_says_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
    value: str,
    terminal: str,
    more: str,
) -> None:
    """In the language of the terminal, and never what it was: that may be a secret."""
    monkeypatch.setenv("LC_ALL", terminal)
    monkeypatch.setenv(_variable(name), value)
    line = _said(monkeypatch, capfd, "serve")

    assert line.endswith(f"; {more}settings.md\n")
    assert ("应" in line or "不得" in line or "必须" in line) == terminal.startswith("zh")
    assert name not in SHAPES or value in f"{SHAPES[name].en} {SHAPES[name].zh}" or value not in line


@pytest.mark.parametrize("words", [["down"], ["up", "--help"], [], ["--help"]])
def test_what_is_needed_to_mend_a_setting_runs(monkeypatch: pytest.MonkeyPatch, words: Sequence[str]) -> None:
    """Stopping, and reading what there is."""
    begun: list[Sequence[str]] = []
    monkeypatch.setattr(main, "app", lambda **_: begun.append(words))
    monkeypatch.setattr(main, "_needed", lambda _: ())
    monkeypatch.setenv("CLAMD", "clamd")
    monkeypatch.setattr(sys, "argv", ["huiyin", *words])
    main.main()

    assert begun == [words]
