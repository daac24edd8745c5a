"""What a process says of itself, read as what each part of it says."""

from typing import Any

import msgspec

from deploy.processes.health import of_processes


def _row(name: str, health: dict[str, Any], replica: str = "here#1") -> dict[str, Any]:
    return {
        "name": name,
        "replica": replica,
        "health": msgspec.json.encode(health).decode(),
        "silent_seconds": 0.0,
    }


def _health(*, ok: bool = True, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"ok": ok, "reason": reason, "lag": {}, **more}


def test_a_part_that_is_not_well_leaves_its_neighbours_ready() -> None:
    """Four slices share a process: `/readyz/handlers` says no, the others yes."""
    found = {"handlers": _health(ok=False, reason="ValueError"), "intake": _health()}
    row = _row("intake+handlers", _health(ok=False, reason="handlers: ValueError", parts=found))

    said = of_processes([row])

    assert (True, "") == (said["intake"]["ok"], said["intake"]["reason"])
    assert (False, "ValueError") == (said["handlers"]["ok"], said["handlers"]["reason"])
    assert "silent" == said["relay"]["reason"]


def test_lag_is_told_by_part() -> None:
    """What one slice has not read is not its neighbour's."""
    parts = {
        "intake": _health() | {"lag": {"intake": 3}},
        "sla": _health() | {"lag": {"sla": 5}},
    }

    said = of_processes([_row("intake+sla", _health(parts=parts))])

    assert ({"intake": 3}, {"sla": 5}) == (said["intake"]["lag"], said["sla"]["lag"])


def test_a_process_of_several_without_parts_speaks_for_all() -> None:
    """As the sweeper does that sends notices, and processes of an earlier release."""
    said = of_processes([_row("intake+routing", _health(ok=False, reason="no progress: intake"))])

    assert ("no progress: intake",) * 2 == (said["intake"]["reason"], said["routing"]["reason"])
