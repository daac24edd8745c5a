"""Files in a data directory that the current user may not use, as `sudo` leaves them."""

import os
import pwd
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from deploy.accounts.who_runs import who_runs
from schemas.errors import HuiyinError

#: How deep a folder is looked through; others are not: files of messages and of anchors are as many as there are cases.
_DEPTHS: Mapping[str, int] = {"postgres": 2, "kafka": 3, "logs": 1}
#: Project choice: enough to see what happened.
_SHOWN = 3


class DataClosed(HuiyinError):
    """Somebody else owns a part of it: what needs that would fail, each part in its own words."""

    en = "{user} may not read and write {places}. Give it back: sudo chown -R {user} {data}"
    zh = "{user} 无法读写 {places}。请归还权限：sudo chown -R {user} {data}"


class StateClosed(HuiyinError):
    """Who asks how the city stands may not read where its supervisor wrote that: it runs, or ran, as somebody else."""

    en = (
        "{user} may not read {file}, which {owner} wrote. Where the city is theirs, ask as they: sudo -u {owner} huiyin …; "
        "where sudo left it, give it back: sudo chown -R {user} {data}"
    )
    zh = (
        "{user} 无法读取 {owner} 写下的 {file}。若本系统由 {owner} 运行，请以其身份执行：sudo -u {owner} huiyin …；"
        "若是 sudo 所留，请归还权限：sudo chown -R {user} {data}"
    )


def closed_state(file: Path) -> StateClosed:
    """Why `file` cannot be read, and by whom it could be."""
    return StateClosed(user=who_runs(), file=file, owner=_owner(file), data=shlex.quote(str(file.parent)))


def _owner(file: Path) -> str:
    """Who owns it, or the folder above it that shows no more than itself."""
    for place in (file, *file.parents):
        try:
            number = place.stat().st_uid
        except PermissionError:
            continue
        try:
            return pwd.getpwuid(number).pw_name
        except KeyError:
            return f"#{number}"
    return "root"


def ensure_open(data: Path) -> None:
    """Nothing, where this process may read and write what lies there.

    Raises:
        DataClosed: it may not; names a few.
    """
    if closed := _closed_in(data):
        places = ", ".join(map(str, closed))
        raise DataClosed(user=who_runs(), places=places, data=shlex.quote(str(data)))


def _closed_in(data: Path) -> Sequence[Path]:
    try:
        return list(islice(_closed(data, _DEPTHS), _SHOWN))
    except FileNotFoundError:
        # What runs there renames and deletes its files.
        return ()


def _closed(folder: Path, depths: Mapping[str, int], otherwise: int = 0) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        is_folder = each.is_dir() and not each.is_symlink()
        wanted = os.R_OK | os.W_OK | (os.X_OK if is_folder else 0)
        if not os.access(each, wanted, follow_symlinks=False):
            yield each
        elif is_folder and (more := depths.get(each.name, otherwise)):
            yield from _closed(each, {}, more - 1)
