"""`DATA/state.json`: the state of what runs on this machine, for `huiyin status` and `huiyin down`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from deploy.local.closed import closed_state
from deploy.local.embedded.files import write_whole
from deploy.local.embedded.process import ProcessId
from schemas.bilingual import Bilingual, plain


class Status(StrEnum):
    """How everything that the supervisor keeps stands, in one word."""

    #: Not everything has answered yet.
    STARTING = "starting"
    #: Everything runs.
    RUNNING = "running"
    #: Something does not run, and is being started again; or has not been ready for long.
    DEGRADED = "degraded"
    #: Nothing runs.
    STOPPED = "stopped"


class ProcessStatus(StrEnum):
    """How one process or server stands, in one word."""

    #: It runs.
    RUNNING = "running"
    #: It died, and waits for its next start.
    RESTARTING = "restarting"
    #: It keeps dying.
    FAILED = "failed"
    #: It was stopped.
    STOPPED = "stopped"


#: Of what never died.
NOTHING_SAID = plain("")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    """One process of the list."""

    name: str
    state: ProcessStatus
    restarts: int = 0
    id: ProcessId | None = None
    #: What it said last before it last died; empty where it never did.
    last_error: Bilingual = NOTHING_SAID

    @property
    def pid(self) -> int | None:
        """Its pid, while it runs."""
        return self.id.pid if self.id is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that `state.json` holds about what runs on this machine."""

    status: Status
    supervisor: ProcessId
    processes: tuple[ProcessState, ...] = ()
    #: Why it was stopped, where nobody asked for that; or what it waits for before all of it has been ready once.
    why: Bilingual = NOTHING_SAID
    #: `url`, `demo`, `kafka` and `postgres`, as `huiyin status --json` shows them.
    facts: Mapping[str, Any]

    @property
    def can_be_asked(self) -> bool:
        """Whether its servers have come up: before that, and after the end, there is nobody to ask."""
        return self.status is not Status.STOPPED and (
            self.status is not Status.STARTING or bool(self.processes)
        )

    def to_json(self) -> dict[str, Any]:
        """What the file holds, and `huiyin status --json` builds on."""
        return {
            "state": self.status.value,
            **self.facts,
            "supervisor": asdict(self.supervisor),
            "why": self.why.en,
            "why_zh": self.why.zh,
            "processes": [
                {
                    "name": process.name,
                    "pid": process.pid,
                    "state": process.state.value,
                    "restarts": process.restarts,
                    "last_error": process.last_error.en,
                    "last_error_zh": process.last_error.zh,
                    "id": asdict(process.id) if process.id is not None else None,
                }
                for process in self.processes
            ],
        }


def write_state(file: Path, state: State) -> None:
    """Replaces the file at once; only its owner may read it."""
    write_whole(file, json.dumps(state.to_json(), ensure_ascii=False, indent=2) + "\n")


def read_state(file: Path) -> State | None:
    """How it stands; `None` when nothing ever ran.

    `stopped` when the supervisor that wrote it is gone: one that was killed waits for nothing any more.

    Raises:
        StateClosed: it is another user's.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise closed_state(file) from error
    state = _parsed(content)
    if state.status is Status.STOPPED or state.supervisor.is_running():
        return state
    return replace(state, status=Status.STOPPED, why=NOTHING_SAID)


def _parsed(content: dict[str, Any]) -> State:
    known = {"state", "supervisor", "processes", "why", "why_zh"}
    return State(
        status=Status(content["state"]),
        supervisor=ProcessId(**content["supervisor"]),
        processes=tuple(_parsed_process(process) for process in content["processes"]),
        why=Bilingual(zh=content.get("why_zh", ""), en=content.get("why", "")),
        facts={name: value for name, value in content.items() if name not in known},
    )


def _parsed_process(content: dict[str, Any]) -> ProcessState:
    return ProcessState(
        name=content["name"],
        state=ProcessStatus(content["state"]),
        restarts=content["restarts"],
        id=ProcessId(**content["id"]) if content["id"] is not None else None,
        last_error=_last_error(content),
    )


def _last_error(content: Mapping[str, str]) -> Bilingual:
    """A file of an older release has the English alone, and one older still has none."""
    en = content.get("last_error", "")
    return Bilingual(zh=content.get("last_error_zh", en), en=en)
