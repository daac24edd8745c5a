"""What `huiyin doctor` says of the data directory."""

import os
from pathlib import Path

import pytest

from deploy.commands.checks.data import check_data
from deploy.local.embedded.process import ProcessId
from deploy.local.supervisor.state import State, Status, write_state
from deploy.settings import Settings
from schemas.bilingual import plain


@pytest.mark.parametrize(("status", "found"), [(Status.DEGRADED, 0), (Status.STOPPED, 1)])
def test_a_city_that_only_waits_has_its_data(tmp_path: Path, status: Status, found: int) -> None:
    """Whoever reads that it is gone would stop a city that serves."""
    us = ProcessId.of(os.getpid())
    assert us is not None
    state = State(status=status, supervisor=us, why=plain("files: mount the disk"), facts={})
    write_state(tmp_path / "state.json", state)

    assert found == len([*check_data(Settings(), tmp_path)])
