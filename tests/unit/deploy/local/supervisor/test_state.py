"""The state file: what it says, and when it is not to be believed."""

import json
import os
from dataclasses import replace
from pathlib import Path

from deploy.local.embedded.process import ProcessId
from deploy.local.supervisor.state import (
    NOTHING_SAID,
    ProcessState,
    ProcessStatus,
    State,
    Status,
    read_state,
    write_state,
)
from schemas.bilingual import Bilingual, plain

_KILLED = Bilingual(zh="退出状态 -9", en="ended with -9")


def _us() -> ProcessId:
    us = ProcessId.of(os.getpid())
    assert us is not None
    return us


def _state(supervisor: ProcessId) -> State:
    return State(
        status=Status.RUNNING,
        supervisor=supervisor,
        processes=(
            ProcessState(name="serve", state=ProcessStatus.RUNNING, restarts=2, id=_us(), last_error=_KILLED),
        ),
        facts={"url": "http://127.0.0.1:8080", "postgres": {"url": "postgresql://…", "embedded": True}},
    )


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """All of it, and only the owner may read it: it holds the database's password."""
    file = tmp_path / "state.json"
    write_state(file, _state(_us()))

    assert _state(_us()) == read_state(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_promised_fields_are_there() -> None:
    """What `huiyin status --json` promises."""
    content = _state(_us()).to_json()

    assert {"state", "url", "postgres", "processes"} <= content.keys()
    assert {"name", "pid", "state", "restarts"} <= content["processes"][0].keys()


def test_the_last_error_of_an_older_release_is_shown_as_it_stands(tmp_path: Path) -> None:
    """Its file has the English alone; one older still has none."""
    file = tmp_path / "state.json"
    content = _state(_us()).to_json()
    for lacking, kept in (("last_error_zh", plain(_KILLED.en)), ("last_error", NOTHING_SAID)):
        del content["processes"][0][lacking]
        file.write_text(json.dumps(content), encoding="utf-8")
        state = read_state(file)

        assert state is not None
        assert kept == state.processes[0].last_error


def test_a_supervisor_that_is_gone_means_stopped(tmp_path: Path) -> None:
    """kill -9 leaves the file as it was; a reused pid has another start time."""
    file = tmp_path / "state.json"
    write_state(file, _state(replace(_us(), started_ticks=1)))
    state = read_state(file)

    assert state is not None
    assert Status.STOPPED is state.status


def test_a_killed_supervisor_waits_for_nothing_any_more(tmp_path: Path) -> None:
    """What it waited for is no reason why it was stopped; one that stopped by itself said why."""
    file = tmp_path / "state.json"
    waiting = replace(_state(replace(_us(), started_ticks=1)), status=Status.DEGRADED, why=_KILLED)
    left = []
    for status in (Status.DEGRADED, Status.STOPPED):
        write_state(file, replace(waiting, status=status))
        left.append(read_state(file))

    assert [(Status.STOPPED, NOTHING_SAID), (Status.STOPPED, _KILLED)] == [
        (state.status, state.why) for state in left if state is not None
    ]


def test_a_pid_of_another_boot_is_another_process() -> None:
    """After a reboot nothing that the file names runs."""
    assert _us().is_running()
    assert not replace(_us(), boot="another").is_running()


def test_no_file_means_nothing_ever_ran(tmp_path: Path) -> None:
    """Neither running nor stopped."""
    assert read_state(tmp_path / "state.json") is None
