"""A Maildir: a folder of letters, as qmail, Postfix and Dovecot write it (https://cr.yp.to/proto/maildir.html)."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

#: Behind it stand the flags of a letter that somebody has seen.
_FLAGS = ":2,"


class Maildir:
    """`deploy.mail.mailbox.Mailbox` and its session over a folder of this machine."""

    name = "maildir"

    def __init__(self, path: str) -> None:
        self._root = Path(path)

    @contextmanager
    def opened(self) -> Iterator["Maildir"]:
        """Nothing to open, but to look whether it is there."""
        if not (self._root / "new").is_dir():
            raise FileNotFoundError(f"{self._root} is no Maildir: it has no folder `new`")
        yield self

    def waiting(self, limit: int) -> Sequence[str]:
        """What was delivered, also where a mail program has looked at it."""
        found = [entry for place in ("new", "cur") for entry in self._entries(place)]
        return [name for _, name in sorted(found)[:limit]]

    def _entries(self, place: str) -> Iterator[tuple[int, str]]:
        folder = self._root / place
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    yield entry.stat().st_mtime_ns, f"{place}/{entry.name}"

    def fetch(self, name: str, limit: int) -> bytes | None:
        """Its first bytes; None where somebody else took it away."""
        try:
            with (self._root / name).open("rb") as file:
                return file.read(limit)
        except FileNotFoundError:
            return None

    def lying_in(self, folder: str) -> int:
        """Those that somebody has looked at, and those that a person put there."""
        return sum(1 for place in ("new", "cur") for _ in self._entries(f".{folder}/{place}"))

    def settle(self, name: str, folder: str) -> None:
        """By a rename, which happens or does not; the folder is one as mail programs show it (Maildir++)."""
        target = self._root / f".{folder}"
        for part in ("cur", "new", "tmp"):
            (target / part).mkdir(parents=True, exist_ok=True)
        plain = name.rpartition("/")[2].partition(_FLAGS)[0]
        try:
            (self._root / name).rename(target / "cur" / f"{plain}{_FLAGS}S")
        except FileNotFoundError:
            return
