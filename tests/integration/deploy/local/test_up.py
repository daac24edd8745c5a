"""`huiyin up` as somebody uses it: start, look, kill, start again, stop."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp

from tests.contract.test_consumer_groups import NAMES
from tests.integration.deploy.local.machine import Machine
from tests.stack import eventually

CHECKS = {"python", "disk", "secret", "calendar", "postgres", "schema", "kafka", "topics", "rights"}
STATUS_FIELDS = {"state", "url", "kafka", "postgres", "processes", "lag", "outbox"}


async def test_status_and_demo_file_say_what_scripts_rely_on(machine: Machine) -> None:
    """The promised fields are there, everything runs, and secrets are for their owner alone."""
    status = machine.status()
    demo = json.loads((machine.data / "demo.json").read_text(encoding="utf-8"))

    assert STATUS_FIELDS <= status.keys()
    assert ("running", machine.url) == (status["state"], status["url"])
    assert {"name", "pid", "state"} <= status["processes"][0].keys()
    assert {f"huiyin.{name}" for name in NAMES} == status["lag"].keys()
    assert [] == [group for group, number in status["lag"].items() if number < 0]
    assert {"url", "accounts", "tokens", "mini_app"} <= demo.keys()
    assert {"departments", "hotline", "dispatcher", "supervisor"} <= demo["tokens"].keys()
    assert 0o600 == (machine.data / "demo.json").stat().st_mode & 0o777
    async with aiohttp.ClientSession(status["url"]) as session, session.get("/readyz/city") as answer:
        assert 200 == answer.status


def test_no_password_is_shown(machine: Machine) -> None:
    """Neither by `status` nor in its file; what holds them is for their owner alone."""
    status = machine.huiyin("status", "--json", check=False).stdout
    shown = status + (machine.data / "state.json").read_text("utf-8")
    passwords = json.loads((machine.data / "kafka" / "passwords.json").read_text("utf-8"))
    secrets = [
        *passwords.values(),
        *(
            (machine.data / "postgres" / name).read_text("ascii").strip()
            for name in ("password", "application-password")
        ),
    ]

    assert json.loads(status)["postgres"]["url"].startswith("postgresql://huiyin_app@127.0.0.1:")
    assert not [secret for secret in secrets if secret in shown]
    for name in ("servers.json", "state.json", "kafka/passwords.json", "secret.key"):
        assert 0o600 == (machine.data / name).stat().st_mode & 0o777


def test_a_process_shows_nobody_what_it_was_told(machine: Machine) -> None:
    """Neither passwords nor even that there are any."""
    processes = {process["name"]: process["pid"] for process in machine.status()["processes"]}
    shown = {
        name: Path(f"/proc/{pid}/environ").read_bytes()
        for name, pid in processes.items()
        if name not in ("postgres", "kafka")
    }

    assert {"web", "intake", "routing", "handlers", "sla", "relay", "sweep", "demo"} == shown.keys()
    assert [] == [name for name, text in shown.items() if b"PASSWORD" in text or b"SECRET" in text]


async def test_doctor_finds_nothing_wrong(machine: Machine) -> None:
    """Each finding has its four fields; none fails on a running machine, to which commands come in as the administrator."""
    findings = json.loads(machine.huiyin("doctor", "--json").stdout)

    assert CHECKS <= {finding["check"] for finding in findings}
    assert [] == [finding for finding in findings if finding.keys() != {"check", "state", "found", "remedy"}]
    assert [] == [finding for finding in findings if finding["state"] == "fail"]
    [kafka] = [finding["found"] for finding in findings if finding["check"] == "kafka"]
    assert "SASL_PLAINTEXT as administrator" in kafka


async def test_commands_find_the_running_servers(machine: Machine, tmp_path: Path) -> None:
    """Beside a running `up`, commands need no environment: a file is imported, and its case gets to a department."""
    file = tmp_path / "messages.jsonl"
    line = {
        "title": "导入的路灯",
        "text": "东湖区望江路的路灯坏了一个多星期，晚上看不清路。",
        "external_id": "a-1",
    }
    file.write_text(json.dumps(line, ensure_ascii=False) + "\n{broken\n", encoding="utf-8")

    done = machine.huiyin("import", str(file), "--channel", "web", "--json", check=False)
    rejected = file.with_name(f"{file.name}.rejected.jsonl").read_text(encoding="utf-8")
    letters = machine.huiyin("dead-letters", "list", "--json").stdout
    audit = json.loads(machine.huiyin("audit", "verify", "--json").stdout)

    counts = json.loads(done.stdout)
    assert (2, 1, 1) == (counts["rows"], counts["accepted"], counts["rejected"])
    assert "{broken" in rejected
    assert "" == letters
    assert (True, []) == (audit["cases"] > 0, audit["broken"])
    assert 1 == len(await eventually(lambda: _on_any_desk(machine, line["title"]), seconds=30))


async def _on_any_desk(machine: Machine, title: str) -> list[str]:
    """The departments that have a case of that title."""
    tokens = json.loads((machine.data / "demo.json").read_text(encoding="utf-8"))["tokens"]["departments"]
    found: list[str] = []
    async with aiohttp.ClientSession(machine.url) as session:
        for department, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get("/api/v1/desk/cases?limit=100", headers=headers) as answer:
                items = (await answer.json())["items"]
                found += [department for item in items if item["title"] == title]
    return found


async def test_killing_the_supervisor_leaves_nothing_and_the_next_start_finds_all_data(
    machine: Machine,
) -> None:
    """kill -9: every process is gone within seconds; the second start has the first one's cases."""
    before = machine.status()
    published = await _submit(machine)
    supervisor = json.loads((machine.data / "state.json").read_text(encoding="utf-8"))["supervisor"]["pid"]
    os.kill(supervisor, signal.SIGKILL)

    async def alive() -> list[int]:
        return [p["pid"] for p in before["processes"] if p["pid"] and _runs(p["pid"])]

    await eventually(alive, seconds=45, is_done=lambda pids: pids == [])
    machine.up()

    async def seen() -> int:
        path = f"/api/v1/submissions/{published['tracking_code']}"
        async with aiohttp.ClientSession(machine.url) as session:
            headers = {"Access-Code": published["access_code"]}
            async with session.get(path, headers=headers) as answer:
                return answer.status if (await answer.json()).get("department") else 0

    assert 200 == await eventually(seen, seconds=30)


async def _submit(machine: Machine) -> dict[str, Any]:
    body = {"title": "断电之前的路灯", "text": "东湖区望江路的路灯坏了一个多星期，晚上看不清路。"}
    async with (
        aiohttp.ClientSession(machine.url) as session,
        session.post("/api/v1/submissions", json=body) as answer,
    ):
        assert 202 == answer.status
        accepted: dict[str, Any] = await answer.json()
        return accepted


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
