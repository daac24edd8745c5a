"""pg_dump and pg_restore of the bundled Postgres: they serve every server that is not newer than they."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.database.turns import own_name
from deploy.local.embedded.errors import ServerFailed
from deploy.local.embedded.postgres_home import wheel_programs
from schemas.errors import HuiyinError, Unusable

# Read and written at once: more is no faster (project choice).
_PIECE_BYTES = 256 * 1024
#: Of what a tool says on its way out (project choice: its last lines name the cause).
_TAIL_CHARACTERS = 2_000


class ToolFailed(HuiyinError):
    """pg_dump or pg_restore ended with an error."""

    en = "{tool} failed: {reason}"
    zh = "{tool} 执行失败：{reason}"


def dump(url: str, snapshot: str) -> Iterator[bytes]:
    """The whole database as it is in that snapshot, in Postgres' own format.

    Raises:
        ToolFailed: it is not whole; do not use what came.
    """
    argv = [*_tool("pg_dump"), "--format=custom", "--compress=3", f"--snapshot={snapshot}", _bare(url)]
    with _running(argv, url, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while data := process.stdout.read(_PIECE_BYTES):
            yield data


def restore(url: str, data: Iterable[bytes]) -> None:
    """Bring a dump into an empty database, whole or not at all.

    Raises:
        ToolFailed: nothing was restored.
    """
    argv = [
        *_tool("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
        f"--dbname={_bare(url)}",
    ]  # fmt: skip
    with _running(argv, url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: its status and its words say why
            for each in data:
                process.stdin.write(each)
            process.stdin.flush()


@contextmanager
def _running(
    argv: Sequence[str], url: str, *, stdin: int | None = None, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A tool that must end well; what it says of a failure becomes the error."""
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603  our own tools and arguments
            argv, env=_environment(url), stdin=stdin, stdout=stdout, stderr=words
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
            status = process.wait()
        if status:
            words.seek(0)
            said = words.read().decode(errors="replace").strip()[-_TAIL_CHARACTERS:]
            raise ToolFailed(tool=Path(argv[0]).name, reason=said or f"exit status {status}")


def _tool(name: str) -> list[str]:
    try:
        bundled = wheel_programs() / "bin" / name
    except ServerFailed:
        bundled = Path(name)
    found = str(bundled) if bundled.exists() else shutil.which(name)
    if found is None:
        raise ToolFailed(tool=name, reason=Unusable(zh="未安装：make setup", en="not installed: make setup"))
    return [found]


def _bare(url: str) -> str:
    """Without the password, which everybody on the machine could read in the list of processes."""
    parts = urlsplit(url)
    user, host = parts.username or "", parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{user}@{host}" if user else host).geturl()


def _environment(url: str) -> Mapping[str, str]:
    password = urlsplit(url).password
    named = {**os.environ, "PGAPPNAME": own_name()}
    return {**named, "PGPASSWORD": unquote(password)} if password else named
