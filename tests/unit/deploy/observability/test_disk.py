"""When messages are refused for want of room, and when they are taken again."""

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.commands import doctor
from deploy.files.arriving import Arrivals
from deploy.files.root import Root
from deploy.local.up import NoRoom, _ensure_room
from deploy.messaging.publisher import PatientPublisher
from deploy.observability import disk, metrics
from deploy.observability.disk import Room, disks_of
from deploy.processes.health import _disk
from deploy.settings import Settings
from schemas.errors import Unavailable
from schemas.words import Language
from tests.unit.deploy.records import supplemented


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What `statvfs` says is free, in MiB; looked at each time."""
    said = SimpleNamespace(mib=10_000)
    monkeypatch.setattr(
        os, "statvfs", lambda _: SimpleNamespace(f_bavail=said.mib * 256, f_frsize=4096, f_flag=0)
    )
    monkeypatch.setattr(disk, "_LOOK_SECONDS", 0.0)
    return said


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A data directory with our own Kafka."""
    (tmp_path / "kafka").mkdir()
    return Settings(data=tmp_path, secret_key="a secret for tests only, long enough")


def test_only_the_reserve_is_left_and_then_there_is_room_again(free: Any, here: Settings) -> None:
    """No restart is needed: whoever makes room is heard within a second."""
    room = Room(here)
    found = []
    for free.mib in (600, 511, 0, 513):
        found.append(room.is_short())

    assert [False, True, True, False] == found


def test_the_log_names_the_disk_that_is_short(free: Any, here: Settings) -> None:
    """A server's own may be another than that of the data: whoever makes room has to know where."""
    room = Room(here)
    with capture_logs() as said:
        for free.mib in (100, 600):
            room.is_short()

    kafka = str(here.data / "kafka")
    assert [("disk.short", kafka), ("disk.has-room", kafka)] == [
        (line["event"], line["place"]) for line in said
    ]


def test_a_disk_that_holds_no_server_of_ours_refuses_nothing(free: Any, tmp_path: Path) -> None:
    """A web on a machine of its own writes next to nothing; nor does one whose operator wants no reserve."""
    (tmp_path / "own/kafka").mkdir(parents=True)
    free.mib = 1

    assert not Room(Settings(data=tmp_path)).is_short()
    assert not Room(Settings(data=tmp_path / "own", disk_reserve_bytes=0)).is_short()


async def test_messages_and_files_are_refused_for_a_minute(free: Any, here: Settings) -> None:
    """With 503 and Retry-After, by every door: nothing is half accepted."""
    free.mib = 100

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"

    with pytest.raises(Unavailable) as by_message:
        await PatientPublisher(here).publish(supplemented(1))
    with pytest.raises(Unavailable) as by_file:
        async with Arrivals(here.data, Room(here), Root(here.data)).arriving(chunks()):
            pass

    for refusal in (by_message.value, by_file.value):
        assert "存储空间已满" in refusal.message(Language.ZH)
        assert "once room was made" in refusal.message(Language.EN)
        assert {"dependency": "disk", "retry_after_seconds": 60} == refusal.facts


def test_little_room_is_told_before_it_is_none(free: Any, here: Settings) -> None:
    """A warning and a metric while messages are still taken; not well once they are not."""
    told = []
    for free.mib in (4000, 1500, 400):
        told.append(_disk(here))

    assert [(True, False), (True, True), (False, False)] == [(each["ok"], "warning" in each) for each in told]
    assert "no message is taken" in told[2]["reason"]
    assert 400 * 1024**2 == metrics.DISK_FREE.labels("data")._value.get()


def test_a_place_that_cannot_be_looked_at_hinders_nothing(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mount that hangs or is gone is not a full disk."""

    def fail(_: object) -> None:
        raise OSError("stale")

    monkeypatch.setattr(os, "statvfs", fail)

    assert not Room(here).is_short()


def test_a_folder_on_a_disk_of_its_own_is_looked_at_too(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs, or Kafka, where somebody mounted them: a warning for the one; for the other nothing more is taken."""
    (here.data / "logs").mkdir()
    (here.data / "files").mkdir()
    monkeypatch.setattr(
        disk, "_device", lambda place: place.name if place.name in ("logs", "kafka") else "data"
    )
    free = {"logs": 1000, "kafka": 4000}

    def statvfs(place: Path) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=free.get(place.name, 9000) * 256, f_frsize=4096, f_flag=0)

    monkeypatch.setattr(os, "statvfs", statvfs)
    low = _disk(here)
    free["kafka"] = 100
    short = _disk(here)

    assert {"data", "kafka", "logs", "attachments"} == set(low["free_bytes"])
    assert (True, "little room left: logs") == (low["ok"], low["warning"])
    assert not short["ok"]


@pytest.fixture
def disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Our own servers on several disks; MiB that are free on each, by what lies on it below the data directory."""
    free = {"kafka/node-1": 9000, "postgres/17/pg_wal": 9000}

    def disk_of(place: Path) -> str:
        name = place.relative_to(tmp_path).as_posix() if place.is_relative_to(tmp_path) else ""
        return next((each for each in free if f"{name}/".startswith(f"{each}/")), "data")

    def statvfs(place: Path) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=free.get(disk_of(place), 9000) * 256, f_frsize=4096, f_flag=0)

    for name in ("kafka/node-1/data/huiyin.submissions.v1-0", "postgres/17/pg_wal", "postgres/17/base"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(os, "statvfs", statvfs)
    monkeypatch.setattr(disk, "_device", disk_of)
    return free


@pytest.mark.parametrize("full", ["kafka/node-1", "postgres/17/pg_wal"])
def test_a_disk_in_a_server_s_folder_is_looked_at_too(
    disks: dict[str, int], tmp_path: Path, full: str
) -> None:
    """The write-ahead log or a broker somewhere else: no message is taken, nothing starts, and each says which it is."""
    settings = Settings(data=tmp_path, secret_key="a secret for tests only, long enough")
    well = _disk(settings)
    disks[full] = 100
    short = _disk(settings)
    found = doctor._disk(Settings(), tmp_path)

    assert well["ok"]
    assert {"data", "attachments", *disks} == set(well["free_bytes"])
    assert not short["ok"]
    assert "fail" == found.state
    assert f"0.1 GiB free at {tmp_path / full}" in found.found.en
    server = full.split("/")[0].capitalize()
    assert found.remedy.en.startswith(
        f"make room at {tmp_path / full}: below DISK_RESERVE_BYTES no message is taken"
    )
    assert found.remedy.en.endswith(f"and {server} would stop on a full disk")
    with pytest.raises(NoRoom, match=f"only 100 MiB are free in .*{full},"):
        _ensure_room(tmp_path)


@pytest.mark.parametrize(
    ("short", "said"),
    [
        ("files", "files that come with messages are refused once it is full"),
        (
            "data",
            "below DISK_RESERVE_BYTES no message is taken, and Kafka and Postgres would stop on a full disk",
        ),
        ("data/logs", "what our processes write there, as lines of their logs, is lost once it is full"),
    ],
)
def test_the_doctor_says_what_stands_on_the_disk_that_is_short(
    disks: dict[str, int], tmp_path: Path, short: str, said: str
) -> None:
    """Of a disk for files alone nothing of Kafka and Postgres, which lie elsewhere."""
    data = tmp_path / "data"
    for name in ("kafka", "postgres", "logs"):
        (data / name).mkdir(parents=True)
    (tmp_path / "files").mkdir()
    disks.clear()
    disks |= {"files": 9000, "data/logs": 9000, "data": 9000} | {short: 100}

    found = doctor._disk(Settings(attachments_directory=tmp_path / "files"), data)

    assert ("fail", f"make room at {tmp_path / short}: {said}") == (found.state, found.remedy.en)


def test_a_server_on_a_disk_of_its_own_does_not_stop_on_that_of_the_data(
    disks: dict[str, int], tmp_path: Path
) -> None:
    """The doctor names those alone that do."""
    for name in ("data/kafka", "data/postgres", "files"):
        (tmp_path / name).mkdir(parents=True)
    disks.clear()
    disks |= {"files": 9000, "data/kafka": 9000, "data": 100}

    found = doctor._disk(Settings(attachments_directory=tmp_path / "files"), tmp_path / "data")

    assert found.remedy.en.endswith("no message is taken, and Postgres would stop on a full disk")


def test_a_link_to_another_disk_is_one_of_a_server(tmp_path: Path) -> None:
    """As Postgres itself does it with a write-ahead log elsewhere."""
    (tmp_path / "17").mkdir()
    (tmp_path / "17/pg_wal").symlink_to("/proc")
    (tmp_path / "17/base").mkdir()

    assert [tmp_path, tmp_path / "17/pg_wal"] == disks_of(tmp_path)


def test_a_disk_that_takes_no_writes_is_named(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system makes one read-only that failed: there is room, and still no file is taken, nor its folder made."""
    asked = here.model_copy(update={"attachments_directory": here.data / "mount/files"})
    mount = here.data / "mount"
    mount.mkdir()

    def statvfs(place: Path) -> SimpleNamespace:
        flag = os.ST_RDONLY if place == mount else 0
        return SimpleNamespace(f_bavail=3 * 1024**3, f_frsize=1, f_flag=flag)

    monkeypatch.setattr(os, "statvfs", statvfs)
    told, finding = _disk(asked), doctor._disk(asked, here.data)

    assert "cannot be written: attachments" in told["warning"]
    assert "fail" == finding.state
    assert f"3.0 GiB free at {mount}/files; nothing can be written at {mount}/files" in finding.found.en


def test_a_folder_of_another_user_is_named(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types the command may be another than who runs the city: the doctor warns, and fails nothing for it."""
    here.attachment_folder.mkdir()
    monkeypatch.setattr(os, "access", lambda place, _: place != here.attachment_folder)
    told, finding = _disk(here), doctor._disk(here, here.data)

    assert "cannot be written: attachments" in told["warning"]
    assert "warn" == finding.state
    assert f"whoever runs this command cannot write at {here.attachment_folder}" in finding.found.en
    assert "GiB free" in finding.found.en


def test_a_folder_of_postgres_own_is_no_trouble(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Postgres' user alone who writes there, also where it lies on a disk of its own."""
    theirs = here.data / "postgres"
    theirs.mkdir()
    monkeypatch.setattr(disk, "_device", lambda place: 2 if theirs in (place, *place.parents) else 1)
    monkeypatch.setattr(os, "access", lambda place, _: theirs not in (place, *place.parents))

    assert "postgres" in disk.places_of(here)
    assert [] == disk.closed(here)


def test_a_folder_that_is_not_made_yet_is_no_trouble(here: Settings, free: Any) -> None:
    """Whoever needs it makes it."""
    assert not here.attachment_folder.exists()
    assert [] == [*disk.read_only(here), *disk.closed(here)]


def test_a_folder_that_cannot_be_looked_at_ends_no_look(
    here: Settings, free: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that hangs, a folder that is closed: `/readyz` and the doctor tell of the others."""
    folder, look = here.attachment_folder, os.stat

    def hindered(place: Any, **how: Any) -> os.stat_result:
        if str(place) == str(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return look(place, **how)

    monkeypatch.setattr(os, "stat", hindered)

    assert _disk(here)["ok"]
    assert "ok" == doctor._disk(here, here.data).state
