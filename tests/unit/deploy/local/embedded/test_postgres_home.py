"""Where an embedded Postgres lies that could not reach the folder it was given."""

import os
from pathlib import Path
from types import SimpleNamespace

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


def test_memory_is_shared_where_every_user_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without /dev/shm, or with one that is closed, read-only or tiny, no server started: the kernel shares."""
    gone, closed, open_ = tmp_path / "none", tmp_path / "closed", tmp_path / "open"
    for each, mode in ((closed, 0o755), (open_, 0o1777)):
        each.mkdir()
        each.chmod(mode)
    found = [postgres_home.shared_by(each) for each in (gone, closed, open_)]
    about = os.statvfs(open_)
    for changed in ({"f_bavail": 1}, {"f_flag": about.f_flag | os.ST_RDONLY}):
        names = ("f_bavail", "f_frsize", "f_flag")
        told = SimpleNamespace(**{name: getattr(about, name) for name in names} | changed)
        monkeypatch.setattr(os, "statvfs", lambda _, told=told: told)
        found.append(postgres_home.shared_by(open_))

    assert ["sysv", "sysv", "posix", "sysv", "sysv"] == found
