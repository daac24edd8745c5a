"""What the supervisor says while everything runs and something is not ready."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from deploy.local.supervisor import EventKind, Status, Supervisor, SupervisorEvent, read_state
from schemas.bilingual import Bilingual, joined, plain


def test_what_is_not_ready_for_long_is_told_with_what_it_waits_for(tmp_path: Path) -> None:
    """Everything runs and serves: nobody reads `starting` for ever without a word on what is to be mended."""
    mount = plain("files: mount the disk")
    answers = iter([{"files": mount}, {"files": mount}, {}])
    seen: list[tuple[Status, str]] = []
    told: list[tuple[EventKind, Bilingual | None]] = []

    def unready() -> Mapping[str, Bilingual]:
        if (state := read_state(tmp_path / "state.json")) is not None:
            seen.append((state.status, state.why.en))
        return next(answers)

    def tell(event: SupervisorEvent) -> None:
        told.append((event.kind, event.detail))
        if event.kind is EventKind.READY:
            os.kill(os.getpid(), signal.SIGTERM)

    Supervisor((), tmp_path / "state.json", tell, unready=unready, told_after_seconds=0).run()
    stopped = read_state(tmp_path / "state.json")

    assert [(Status.DEGRADED, mount.en)] * 2 == seen
    assert [(EventKind.WAITING, mount), (EventKind.READY, None)] == told[:2]
    assert stopped is not None
    assert (Status.STOPPED, "") == (stopped.status, stopped.why.en)


def test_a_reason_that_counts_seconds_is_told_once(tmp_path: Path) -> None:
    """And again where something else is waited for; the state has it as it was said last."""
    outbox, files = plain("outbox: for 61 s"), plain("files: mount the disk")
    later = plain("outbox: for 62 s")
    answers = iter([{"outbox": outbox}, {"outbox": later}, {"outbox": later, "files": files}, {}])
    seen: list[str] = []
    told: list[Bilingual | None] = []

    def unready() -> Mapping[str, Bilingual]:
        if (state := read_state(tmp_path / "state.json")) is not None:
            seen.append(state.why.en)
        return next(answers)

    def tell(event: SupervisorEvent) -> None:
        if event.kind is EventKind.WAITING:
            told.append(event.detail)
        if event.kind is EventKind.READY:
            os.kill(os.getpid(), signal.SIGTERM)

    Supervisor((), tmp_path / "state.json", tell, unready=unready, told_after_seconds=0).run()

    assert [outbox, joined([later, files])] == told
    assert [outbox.en, later.en, f"{later.en}; {files.en}"] == seen
