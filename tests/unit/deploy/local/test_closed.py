"""A data directory in which another user's files lie, as `sudo` leaves them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from deploy.commands.checks.data import check_data
from deploy.local.closed import DataClosed, StateClosed, ensure_open
from deploy.local.supervisor import read_state
from deploy.local.up import UpOptions, up
from deploy.settings import Settings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One of a city that ran."""
    for name in (
        "secret.key",
        "postgres/18/PG_VERSION",
        "kafka/node-1/data/meta.properties",
        "audit/entries/1",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    nobody = {"pid": 1, "started_ticks": 1, "boot": "another"}
    ran = {"state": "stopped", "supervisor": nobody, "processes": []}
    (tmp_path / "state.json").write_text(json.dumps(ran), encoding="utf-8")
    return tmp_path


def _close(monkeypatch: pytest.MonkeyPatch, *closed: Path) -> None:
    """Tests run as root, to whom nothing is closed."""
    really = os.access

    def access(path: Any, mode: int, **more: bool) -> bool:
        return path not in closed and really(path, mode, **more)

    monkeypatch.setattr(os, "access", access)


@pytest.mark.parametrize(
    "name", ["secret.key", "postgres/18/PG_VERSION", "kafka/node-1/data/meta.properties", "audit"]
)
def test_what_is_anothers_is_named_before_anything_starts(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """One sentence with the command that gives it back; a Postgres or Kafka that met it ended with lines of its own."""
    _close(monkeypatch, data / name)
    with pytest.raises(
        DataClosed, match=f"may not read and write {data / name}. Give it back: sudo chown -R "
    ):
        up(UpOptions(data=data, port=None, demo=False, brokers=1), detach=False)


def test_doctor_names_it_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once there is a state of something that ran; where all is well it finds nothing."""
    before = list(check_data(Settings(), data))
    _close(monkeypatch, data / "secret.key")
    (found,) = check_data(Settings(), data)

    assert [] == before
    assert ("data", "fail") == (found.check, found.state)
    assert "chown -R" in found.found.en


def test_many_files_are_not_looked_through(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of messages and of anchors: their folders alone."""
    _close(monkeypatch, data / "audit" / "entries")
    ensure_open(data)


def test_a_state_that_another_wrote_is_told_of_with_whom_to_ask_as(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`huiyin status`, `doctor` and `down` would say no more than that permission is denied."""
    file = data / "state.json"
    really = Path.read_text

    def read_text(path: Path, **more: Any) -> str:
        if path == file:
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, **more)

    monkeypatch.setattr(Path, "read_text", read_text)
    with pytest.raises(
        StateClosed, match=f"may not read {file}, which {file.owner()} wrote.*sudo -u .*sudo chown -R "
    ):
        read_state(file)
