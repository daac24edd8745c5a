"""`huiyin status` once everything was stopped."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest

from deploy.commands import status
from deploy.local.embedded.process import ProcessId
from deploy.local.supervisor.state import ProcessState, ProcessStatus, State, Status, read_state, write_state
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from tests.stack import free_port


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What `down` leaves: the last look saw dead processes that no one starts again."""
    us = ProcessId.of(os.getpid())
    assert us is not None
    dead = replace(us, started_ticks=1)
    processes = (
        ProcessState(name="web", state=ProcessStatus.RESTARTING),
        ProcessState(name="demo", state=ProcessStatus.RUNNING, restarts=1, id=dead),
    )
    facts = {"url": "http://127.0.0.1:8080", "kafka": {}, "postgres": {}}
    state = State(status=Status.STOPPED, supervisor=dead, processes=processes, facts=facts)
    write_state(tmp_path / "state.json", state)
    return tmp_path


def test_after_down_every_process_is_stopped_and_no_figure_is_made_up(data: Path) -> None:
    """The promised fields stay; what nobody could be asked is null."""
    found = status.report(data)

    assert [("stopped", None), ("stopped", None)] == [(p["state"], p["pid"]) for p in found["processes"]]
    assert {"rows": None, "oldest_seconds": None} == found["outbox"]
    assert {} == found["lag"]


def test_each_part_of_a_process_is_a_row_under_its_own_name(data: Path) -> None:
    """Whoever looks for the relay finds it, whether it has a process of its own or shares one."""
    state = read_state(data / "state.json")
    assert state is not None
    shared = ProcessState(name="intake+relay", state=ProcessStatus.RUNNING, restarts=2)
    write_state(data / "state.json", replace(state, processes=(shared,)))

    rows = status.report(data)["processes"]

    assert [("intake", 2), ("relay", 2)] == [(row["name"], row["restarts"]) for row in rows]
    assert not [row for row in rows if "id" in row]


def test_after_down_the_text_shows_no_pid_and_no_rows(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that reads as if something ran."""
    with pytest.raises(SystemExit) as ended:
        status.show(data, as_json=False)

    said = capsys.readouterr().out
    assert 3 == ended.value.code
    assert said.startswith("stopped")
    assert not [word for word in ("pid", "None", "rows", "restart") if word in said]


def test_a_server_that_does_not_answer_is_no_running(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A frozen Kafka or a stuck consumer leaves every process alive: degraded, in words as well, exit status 3."""
    us = ProcessId.of(os.getpid())
    assert us is not None
    state = State(
        status=Status.RUNNING, supervisor=us, processes=(), facts={"url": "u", "kafka": {}, "postgres": {}}
    )
    write_state(data / "state.json", state)

    async def measured(_settings: object, _seconds: float) -> dict[str, object]:
        troubles = [Bilingual(zh="intake：没有进展：intake", en="intake: no progress: intake")]
        return {"lag": {}, "outbox": {"rows": 4, "oldest_seconds": 1.0}, "troubles": troubles}

    monkeypatch.setattr(status, "measured", measured)
    with pytest.raises(SystemExit) as ended:
        status.show(data, as_json=False)

    said = capsys.readouterr().out
    assert 3 == ended.value.code
    assert said.startswith("degraded")
    assert "intake: no progress: intake" in said


def test_who_died_since_the_last_look_that_could_be_written_does_not_run(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the supervisor lives and starts it again, and its `state.json` still says that it runs."""
    us = ProcessId.of(os.getpid())
    assert us is not None
    processes = (
        ProcessState(name="kafka", state=ProcessStatus.RUNNING, id=replace(us, started_ticks=1)),
        ProcessState(name="web", state=ProcessStatus.RUNNING, id=us),
    )
    facts = {"url": "u", "kafka": {}, "postgres": {}}
    state = State(status=Status.RUNNING, supervisor=us, processes=processes, facts=facts)
    write_state(data / "state.json", state)

    async def measured(_settings: object, _seconds: float) -> dict[str, object]:
        return {"lag": {}, "outbox": {"rows": 0, "oldest_seconds": 0.0}, "troubles": []}

    monkeypatch.setattr(status, "measured", measured)
    found = status.report(data)

    rows = [(row["name"], row["state"], row["pid"]) for row in found["processes"]]
    assert [("kafka", "restarting", None), ("web", "running", os.getpid())] == rows
    assert "degraded" == found["state"]
    assert ["kafka restarting, 0 restarts: no reason said"] == found["troubles"]


async def test_who_dies_again_and_again_is_named_with_what_it_said(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Process, restarts and last error, in both languages: nobody has to look for a log first."""
    us = ProcessId.of(os.getpid())
    assert us is not None
    dying = ProcessState(
        name="sla",
        state=ProcessStatus.FAILED,
        restarts=7,
        last_error=Bilingual(zh="无法启动：没有权限", en="cannot be started: no right"),
    )
    facts = {"url": "u", "kafka": {}, "postgres": {}}
    state = State(status=Status.DEGRADED, supervisor=us, processes=(dying,), facts=facts)

    (said,) = status.of_the_dying(state)
    assert "sla failed, 7 restarts: cannot be started: no right" == said.en
    assert "sla 反复失败，已重启 7 次：无法启动：没有权限" == said.zh


def test_a_city_that_takes_no_message_for_want_of_room_is_not_well(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All its processes live: the first trouble names the disk, and what to do."""
    state, us = read_state(data / "state.json"), ProcessId.of(os.getpid())
    assert state is not None
    assert us is not None
    write_state(data / "state.json", replace(state, status=Status.RUNNING, supervisor=us, processes=()))
    (data / "kafka").mkdir()
    monkeypatch.setenv("DISK_RESERVE_BYTES", str(2**60))
    found = status.report(data)

    assert "degraded" == found["state"]
    assert found["troubles"][0].startswith(f"the disk of {data / 'kafka'} has ")
    assert found["troubles"][0].endswith("no message is taken. Make room; nothing else is to be done")


async def test_servers_that_do_not_answer_are_a_trouble(tmp_path: Path) -> None:
    """In words, beside the error's name that scripts read."""
    away = Settings(database_url=f"postgresql://huiyin@127.0.0.1:{free_port()}/huiyin")
    found = await status.measured(away)

    assert found["trouble"]
    assert ["Postgres does not answer"] == [each.en[:24] for each in found["troubles"][:1]]


async def test_what_was_said_in_time_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine: Postgres and one group are known, of the other it is said that it may take longer."""

    async def in_database(_settings: object) -> tuple[dict[str, object], list[Bilingual]]:
        return {"rows": 4, "oldest_seconds": 1.0}, []

    async def lags(_settings: object, _groups: object) -> AsyncGenerator[tuple[str, int]]:
        yield "intake", 7
        await asyncio.Event().wait()

    monkeypatch.setattr(status, "_in_database", in_database)
    monkeypatch.setattr(status, "lags", lags)
    found = await status.measured(Settings(data=Path("/srv/city")), 0.2)

    assert ({"rows": 4, "oldest_seconds": 1.0}, {"intake": 7}) == (found["outbox"], found["lag"])
    [said] = found["troubles"]
    assert "huiyin status --data /srv/city --wait 60;" in said.en
    assert said.en.endswith("huiyin doctor --data /srv/city")
    assert "Kafka 在 0.2 秒内没有全部答复" in said.zh


async def test_a_postgres_that_hangs_is_not_laid_at_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka says how far each group is all the same; and what Postgres does not let go of is not waited for."""
    let_go = asyncio.Event()

    async def hangs(_settings: object) -> Never:
        try:
            await asyncio.Event().wait()
        finally:
            # As a statement that is cancelled: until Postgres says so.
            await let_go.wait()
        raise AssertionError

    async def lags(_settings: object, groups: Mapping[str, object]) -> AsyncGenerator[tuple[str, int]]:
        for name in groups:
            yield name, 7

    monkeypatch.setattr(status, "_in_database", hangs)
    monkeypatch.setattr(status, "lags", lags)
    async with asyncio.timeout(30):
        found = await status.measured(Settings(), 0.2)
    let_go.set()

    [said] = found["troubles"]
    assert said.en.startswith("Postgres did not say all within 0.2 s")
    assert "TimeoutError" == found["trouble"]
    assert 7 == found["lag"]["huiyin.sla"]


def test_groups_are_named_whatever_a_city_has_in_its_files(tmp_path: Path) -> None:
    """Neither rules nor calendars are read for that: they take a second, and one that is broken names no group less."""
    broken = Settings(routing_directory=tmp_path / "none", rules_file=tmp_path / "none.toml")
    named = status.groups(broken)

    assert ["huiyin.routing.v1", "huiyin.handlers.v1", "huiyin.sla.v1", "huiyin.knowledge.v1"] == named[
        "huiyin.intake.follow"
    ]
    assert 7 == len(named)
