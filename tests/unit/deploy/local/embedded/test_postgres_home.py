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


def test_a_copy_of_programs_that_one_user_kept_to_himself_is_everybodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed under umask 077: the copy can be run by all, and finds its libraries where it looks for them."""
    programs, shared = tmp_path / "site" / "pg" / "pginstall", tmp_path / "shared"
    for file, mode in (
        (programs / "bin" / "postgres", 0o700),
        (tmp_path / "site" / "pg.libs" / "libpq.so", 0o600),
    ):
        file.parent.mkdir(mode=0o700, parents=True)
        file.touch(mode)
    monkeypatch.setattr(postgres_home, "SHARED_STATE", shared)
    copied = postgres_home._copied_programs(programs)
    library = copied / "bin" / "../../../pg.libs" / "libpq.so"

    assert copied == postgres_home._copied_programs(programs)
    modes = [
        each.stat().st_mode & 0o777 for each in (copied, copied / "bin" / "postgres", library.parent, library)
    ]
    assert [0o755, 0o755, 0o755, 0o644] == modes
