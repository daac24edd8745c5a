"""A process that another one started for us and the kernel made our child: watched like one that we started."""

import ctypes
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

#: From linux/prctl.h; see prctl(2).
_PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def adopting() -> Iterator[None]:
    """Within it what our descendants leave behind becomes a child of ours, not of the machine's first process.

    Only while a child is divided: what else is orphaned in these milliseconds stays a zombie until we end.

    Raises:
        OSError: the kernel refuses.
    """
    _set_subreaper(is_one=True)
    try:
        yield
    finally:
        _set_subreaper(is_one=False)


def _set_subreaper(*, is_one: bool) -> None:
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, int(is_one), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Adopted:
    """What `subprocess.Popen` is to a child that it started, as far as `Child` asks; used by one thread."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)
        self._exit_status: int | None = None

    def poll(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        if self._exit_status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_status = os.waitstatus_to_exitcode(status)
                os.close(self._descriptor)
        return self._exit_status

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        if (status := self.poll()) is not None:
            return status
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        poller.poll(None if timeout is None else max(0.0, timeout) * 1000)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return status

    def send_signal(self, sig: int) -> None:
        """Signals it, if it runs."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, sig)

    def kill(self) -> None:
        """Ends it at once, if it runs."""
        self.send_signal(signal.SIGKILL)

    def discard(self) -> None:
        """Ends it at once, and waits for it unless it has not become ours, and so is another's to wait for."""
        try:
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            self.wait()
        except (ProcessLookupError, ChildProcessError):
            os.close(self._descriptor)


def reap_group(group: int) -> None:
    """Wait for all that the kernel made our children out of that process group and that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass
