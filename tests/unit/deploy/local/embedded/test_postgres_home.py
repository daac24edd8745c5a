"""Where an embedded Postgres lies that could not reach the folder it was given."""

from pathlib import Path

import pytest

from deploy.local.embedded import postgres_home
from deploy.observability import disk


def test_data_that_lie_elsewhere_are_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their disk may be another than that of the folder, and is the one that fills; a second start finds the same place."""
    directory = tmp_path / "data" / "postgres"
    directory.mkdir(parents=True)
    monkeypatch.setattr(postgres_home, "SHARED_STATE", tmp_path / "shared")
    data = postgres_home._reachable_data(directory)
    data.mkdir()
    assert data == postgres_home._reachable_data(directory)
    monkeypatch.setattr(disk, "_device", lambda place: "shared" if place.samefile(data) else "data")

    assert [data] == [each.resolve() for each in disk.disks_of(directory)[1:]]
