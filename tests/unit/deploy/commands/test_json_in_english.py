"""What a command says with `--json` is the same in every terminal: a script need not care where it runs."""

import json
import os
import re
import shutil
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.audit.verification import Verified
from deploy.commands import audit, doctor, main, models
from deploy.local.embedded.process import ProcessId
from deploy.local.supervisor.state import ProcessState, ProcessStatus, State, Status, write_state
from routing.store.models import StoredModel
from schemas.bilingual import Bilingual
from tests.architecture.source import ROOT
from tests.unit.deploy.commands.every_command import COMMANDS

#: Half of it is wrong, where that can be: what is refused has the most words.
_TYPED = (
    ("deadline", "--from", "2026-12-30T10:00", "--allow", "5 working days"),
    ("deadline", "--file", "questions.jsonl"),
    ("calendar", "show", "2026"),
    ("rules", "check", str(ROOT / "sla/data/rules.toml")),
    ("rules", "check", "rules.toml"),
    ("city", "check", str(ROOT / "schemas/data")),
    ("city", "check", "city"),
    ("classify", "城管队长收了钱不管"),
    ("evaluate", "--data", "alike.csv", "--train", "alike.csv", "--label-column", "label"),
    ("train", "--data", "alike.csv", "--to", "city.model"),
    ("topics", "--file", "told.csv"),
    ("import", "messages.csv", "--channel", "web", "--dry-run"),
    ("models", "list"),
    ("status",),
    ("doctor",),
)
#: Those that say nothing before Kafka or Postgres answered, or that start something: what they show beside what stands in
#: the database is held by the tests of each.
_ASK_SERVERS = frozenset(
    {
        ("up",), ("backup",), ("restore",), ("reconcile",), ("calendar", "import"), ("forget",),
        ("user", "add"), ("user", "password"), ("user", "role"), ("user", "list"), ("user", "disable"),
        ("token", "add"), ("token", "list"), ("token", "revoke"), ("audit", "verify"), ("audit", "anchor"),
        ("audit", "deeds"),
        ("dead-letters", "list"), ("knowledge", "import"), ("lost", "list"), ("lost", "accept"),
        ("models", "promote"), ("models", "rollback"), ("models", "precision"),
        ("notices", "list"), ("notices", "addresses"), ("webhook", "add"), ("webhook", "list"), ("webhook", "changes"),
        ("webhook", "renew-secret"),
    }
)  # fmt: skip
_FILES = {
    "questions.jsonl": '{"from": "2026-12-30T10:00", "rule": "none"}\n{"from": "x", "allow": "1 hours"}\n[]\n',
    "rules.toml": "version = 1\n",
    "told.csv": "title,text,received_at,author\n路灯坏了,和平路,2026-11-22 16:45,甲\n",
    "messages.csv": "标题,内容,保密\n路灯坏了,和平路三号,说不清\n空,,否\n",
    "alike.csv": "text,label\n"
    + "".join(f"{n} 号楼反映{each}的问题,{each}\n" for n in range(80) for each in ("交通运输", "教育文体")),
}
#: Another time is measured each time.
_MEASURED = re.compile(r'"(seconds|messages_per_second)":[0-9.]+')


@pytest.fixture(autouse=True)
def _nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was stored, a city with a fault, and a process that died."""

    async def kept() -> list[StoredModel]:
        return [_STORED]

    monkeypatch.setattr(models, "_kept", kept)
    # Whoever else writes on this machine writes between two looks.
    monkeypatch.setattr(doctor, "free_bytes", lambda _: 2**40)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "0123456789abcdef" * 4)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/huiyin")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    for name, text in _FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    taxonomy = Path(shutil.copytree(ROOT / "schemas/data", tmp_path / "city")) / "taxonomy.toml"
    taxonomy.write_text(taxonomy.read_text("utf-8").replace('lead = "housing"', 'lead = "nobody"'), "utf-8")
    write_state(tmp_path / "state.json", _state())


_STORED = StoredModel(
    version="3", state="shadow", learned_at=None, learned_by="li", promoted_at=None,
    learned=json.dumps({"labels": ["transport"], "precision": 0.95, "doubts": [{"code": "alike", "share": 0.5}]}),
    decided=0, same_lead=0, same_category=0, overruled=0,
)  # fmt: skip


def _state() -> State:
    us = ProcessId.of(os.getpid())
    assert us is not None
    killed = Bilingual(zh="退出状态 -9", en="ended with -9")
    dying = ProcessState(name="sla", state=ProcessStatus.FAILED, restarts=7, last_error=killed)
    facts = {"url": "u", "kafka": {}, "postgres": {}}
    return State(status=Status.DEGRADED, supervisor=us, processes=(dying,), facts=facts)


def _said(typed: Sequence[str], language: str) -> str:
    app = main.app
    if typed[0] in main._FILES:
        app = typer.Typer()
        app.callback()(lambda: None)
        import_module(f"deploy.commands.{main._FILES[typed[0]]}").register(app)
    return _MEASURED.sub("", CliRunner().invoke(app, typed, env={"LC_ALL": language}).stdout)


@pytest.mark.parametrize("typed", _TYPED, ids=" ".join)
def test_json_is_the_same_in_every_terminal(typed: Sequence[str]) -> None:
    """To the byte, whether all is well or not."""
    zh, en = _said((*typed, "--json"), "zh_CN.UTF-8"), _said((*typed, "--json"), "C.UTF-8")

    assert zh == en
    assert en.startswith(("{", "["))


def test_every_command_that_speaks_json_is_walked_or_asks_servers() -> None:
    """A new one is looked at, too. `bench` measures for developers, in no language but one."""
    speak = {
        words
        for words, command in COMMANDS.items()
        if words[0] != "bench" and any("--json" in one.opts for one in getattr(command, "params", ()))
    }
    walked = {words for words in speak if any(typed[: len(words)] == words for typed in _TYPED)}

    assert speak - walked == _ASK_SERVERS


def test_why_the_topic_could_not_be_asked_is_english_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of `audit verify`, which asks servers; people read it in their language."""
    away = Bilingual(zh="Kafka 没有响应", en="Kafka does not answer")
    found = Verified(cases=0, rows=0, broken=(), topic_unasked=away)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert away.en == json.loads(audit._as_json(found))["topic_unasked"]
    assert away.zh in audit._as_text(found)
