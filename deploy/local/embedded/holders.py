"""Names the process that holds a file's lock, so that whoever is refused knows whom to wait for."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.embedded.process import ProcessId, is_stopped
from schemas.bilingual import Bilingual

_ANOTHER = Bilingual(zh="另一进程", en="another process")


def holder_of(file: Path, *, told: str = "") -> Bilingual:
    """The process that has the file's flock, as far as this machine can tell; shares and other containers do not show it.

    Then it is the number that the file itself has `told`, which may be another process's here: nothing more is said of it.
    """
    unseen = Bilingual(zh=f"进程 {told} ", en=f"process {told}") if told.isdecimal() else _ANOTHER
    try:
        status = file.stat()
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return unseen
    key = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    held = [line.split() for line in locks]
    pids = (int(fields[4]) for fields in held if fields[1] == "FLOCK" and fields[5] == key)
    return next((in_words(pid) for pid in pids if pid > 0), unseen)


def in_words(pid: int) -> Bilingual:
    """Which process it is, since when it runs, and how a stopped one goes on."""
    process = ProcessId.of(pid)
    if process is None:
        return Bilingual(zh=f"进程 {pid} ", en=f"process {pid}")
    since = _began(process).astimezone()
    zh, en = f"自 {since:%Y-%m-%d %H:%M:%S} 起", f"since {since:%Y-%m-%d %H:%M:%S}"
    if is_stopped(pid):
        zh, en = f"{zh}，已停住，继续：kill -CONT {pid}", f"{en}, stopped; it goes on by: kill -CONT {pid}"
    name = _name_of(pid)
    return Bilingual(zh=f"进程 {pid}（{name}，{zh}）", en=f"process {pid} ({name}, {en})")


def _name_of(pid: int) -> str:
    """Its command of ours, without what was typed behind it; of another its program."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return "?"
    names = [Path(word).name for word in words]
    for ours in ("huiyin", "deploy"):
        if ours in names[:-1]:
            return f"huiyin {words[names.index(ours) + 1]}".strip()
    return names[0]


def _began(process: ProcessId) -> datetime:
    """By the clock of now: ticks are counted from the start of the machine."""
    up_seconds = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    seconds_ago = up_seconds - process.started_ticks / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(time.time() - seconds_ago, UTC)
