"""Files of a data directory."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from deploy.local.embedded.errors import DataGone, DirectoryInUse
from deploy.local.embedded.files import (
    DirectoryLock,
    cut_if_large,
    numbered,
    replacing,
    scratch_folder,
    set_aside_if_large,
    tail_of,
    write_whole,
)
from deploy.local.embedded.holders import holder_of
from deploy.local.embedded.ports import free_ports, is_free, ports_for, remembered_ports


def test_a_directory_has_one_owner(tmp_path: Path) -> None:
    """The second is refused, until the first gives it back."""
    directory = tmp_path / "data"
    with DirectoryLock(directory), pytest.raises(DirectoryInUse, match=f"process {os.getpid()}"):
        DirectoryLock(directory).acquire()

    with DirectoryLock(directory):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_a_check_beside_a_release_takes_no_other_file_for_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another thread opens meanwhile has the number of what was just closed: a healthy city would be stopped."""
    lock, close, opened = DirectoryLock(tmp_path), os.close, list[int]()
    lock.acquire()

    def close_and_check(descriptor: int) -> None:
        close(descriptor)
        opened.append(os.open(os.devnull, os.O_RDONLY))
        lock.check()

    with monkeypatch.context() as patched:
        patched.setattr(os, "close", close_and_check)
        lock.release()
    for each in opened:
        os.close(each)

    assert len(opened) == 2


def test_a_directory_that_was_replaced_is_gone(tmp_path: Path) -> None:
    """And one that is back under its name is not."""
    directory, aside = tmp_path / "data", tmp_path / "aside"
    with DirectoryLock(directory) as lock:
        directory.rename(aside)
        with pytest.raises(DataGone):
            lock.check()
        directory.mkdir()
        with pytest.raises(DataGone):
            lock.check()
        directory.rmdir()
        aside.rename(directory)
        lock.check()


def test_who_is_refused_hears_of_one_that_was_stopped(tmp_path: Path) -> None:
    """It keeps what it has for as long as it stands: the words say which process it is, and how it goes on."""
    lock = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    file = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", lock, str(file)], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        runs = holder_of(file)
        holder.send_signal(signal.SIGSTOP)
        os.waitpid(holder.pid, os.WUNTRACED)
        stands = holder_of(file)
        with pytest.raises(DirectoryInUse, match=rf"kill -CONT {holder.pid}"):
            DirectoryLock(tmp_path).acquire()
        holder.kill()

    assert runs.en.startswith(f"process {holder.pid} (python")
    assert "kill -CONT" not in runs.en
    for words in (stands.zh, stands.en):
        assert f"kill -CONT {holder.pid}" in words
    assert holder_of(file).en == "another process"


def test_a_number_that_another_container_told_is_nobodys_here(tmp_path: Path) -> None:
    """A process of that number may live here too, and has nothing to do with the lock: nobody is told to wake it."""
    told = str(os.getpid())

    assert f"process {told}" == holder_of(tmp_path / "lock", told=told).en


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    """Nothing but the new text, and no trace of the way there."""
    file = tmp_path / "state"
    write_whole(file, "long old text")
    write_whole(file, "new")

    assert file.read_text(encoding="utf-8") == "new"
    assert [file] == list(tmp_path.iterdir())


def test_what_killed_writers_left_goes_with_the_next(tmp_path: Path) -> None:
    """Of that file alone; who writes just now keeps what it has, and so does one of an older release, without a lock."""
    file, others = tmp_path / "state", {tmp_path / ".other.0123abcd.locked", tmp_path / ".state.0123abcd"}
    for left in (tmp_path / ".state.0123abcd.locked", *others):
        left.write_text("half", encoding="utf-8")
    with replacing(file) as slow:
        slow.write(b"slow")
        write_whole(file, "quick")

        assert "quick" == file.read_text(encoding="utf-8")
        assert 4 == len([*tmp_path.iterdir()])
    assert "slow" == file.read_text(encoding="utf-8")
    assert {file, *others} == {*tmp_path.iterdir()}


def test_folders_of_killed_runs_go_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those for the same purpose alone; a folder that somebody uses stays, and one of an older release, without a lock."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    others = {tmp_path / name for name in ("huiyin-bench-older", "huiyin-locked-other-killed")}
    for name in ("huiyin-locked-bench-killed", *(each.name for each in others)):
        (tmp_path / name / "postgres").mkdir(parents=True)
    with scratch_folder("bench") as first, scratch_folder("bench") as second:
        assert {first, second, *others} == {*tmp_path.iterdir()}

    assert others == {*tmp_path.iterdir()}


def test_only_a_large_log_is_set_aside(tmp_path: Path) -> None:
    """The newest three are kept."""
    log = tmp_path / "serve.log"
    for text in ("first", "second", "third", "fourth"):
        log.write_text(text, encoding="utf-8")
        set_aside_if_large(log, limit_bytes=3, kept=3)
    log.write_text("a", encoding="utf-8")
    set_aside_if_large(log, limit_bytes=3, kept=3)

    assert tail_of(log) == "a"
    assert [tail_of(numbered(log, number)) for number in (1, 2, 3)] == ["fourth", "third", "second"]
    assert not numbered(log, 4).exists()


def test_ports_are_remembered(tmp_path: Path) -> None:
    """The same ones while they are free; others when they are too few."""
    file = tmp_path / "ports"
    first = ports_for(file, 2)

    assert first == ports_for(file, 2) == remembered_ports(file)
    assert len(ports_for(file, 4)) == 4


def test_free_ports_are_free_and_different() -> None:
    """A server can take each of them."""
    ports = free_ports(3)

    assert len(set(ports)) == 3
    assert all(is_free(port) for port in ports)


def test_a_large_log_is_cut_while_it_is_written(tmp_path: Path) -> None:
    """The writer goes on in the same file, which begins anew; what it wrote before lies beside it."""
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"first\n")
        cut_if_large(log, limit_bytes=100)
        small = tail_of(log)
        cut_if_large(log, limit_bytes=3)
        writer.write(b"second\n")
        cut_if_large(log, limit_bytes=3)
        writer.write(b"third\n")

    assert ("first", "third") == (small, tail_of(log))
    assert ["second", "first"] == [tail_of(numbered(log, number)) for number in (1, 2)]
    assert ["web.log", "web.log.1", "web.log.2"] == sorted(file.name for file in tmp_path.iterdir())
