"""What the supervisor says while everything runs and something is not ready."""

import os
import signal
from pathlib import Path

from deploy.local.supervisor import EventKind, Status, Supervisor, SupervisorEvent, read_state
from schemas.bilingual import Bilingual, plain


def test_what_is_not_ready_for_long_is_told_with_what_it_waits_for(tmp_path: Path) -> None:
    """Everything runs and serves: nobody reads `starting` for ever without a word on what is to be mended."""
    mount = plain("files: mount the disk")
    answers = iter([mount, mount, None])
    seen: list[tuple[Status, str]] = []
    told: list[tuple[EventKind, Bilingual | None]] = []

    def unready() -> Bilingual | None:
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
