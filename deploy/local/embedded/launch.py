"""Becomes the command that it is given and dies with its parent; a script that imports nothing of ours.

    python -I -S launch.py PARENT_PID SIGNAL IDENTITY COMMAND [ARGUMENT …]

The kernel sends SIGNAL to the command when its parent's thread ends, however that ends. The order matters:
a change of credentials clears that promise, so it is made after it; a parent that died earlier is found by
its pid.

IDENTITY says as whom the command runs: `same` as us; `namespace` as an unprivileged user of a new user
namespace, whose files stay ours outside of it (Postgres refuses to run as root); `nobody`, where user
namespaces are refused.
"""

import ctypes
import os
import pwd
import sys

#: From linux/sched.h; see unshare(2).
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
#: Any id but 0 serves: inside the namespace it stands for whoever started it (project choice).
NAMESPACE_ID = 1000
#: As of a shell that could not run a command (POSIX, Shell Command Language, 2.8.2).
EXIT_NOT_LAUNCHED = 126

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> None:
    """Never returns: the process becomes the command, or ends."""
    parent_pid, signal_number, identity, *command = arguments
    try:
        _become(identity)
        die_with(int(parent_pid), int(signal_number))
        os.execvp(command[0], command)  # noqa: S606  becoming the command is the purpose
    except OSError as error:
        sys.stderr.write(f"launch: {command[0]}: {error}\n")
        sys.exit(EXIT_NOT_LAUNCHED)


def _become(identity: str) -> None:
    if identity == "namespace":
        _enter_user_namespace()
    elif identity == "nobody":
        _drop_to(pwd.getpwnam("nobody"))


def _enter_user_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    _checked(_libc.unshare(CLONE_NEWUSER))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{NAMESPACE_ID} {user} 1")
    _write("/proc/self/gid_map", f"{NAMESPACE_ID} {group} 1")


def _drop_to(account: pwd.struct_passwd) -> None:
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def die_with(parent_pid: int, signal_number: int) -> None:
    """Let the kernel send us the signal when the thread ends that the kernel calls our parent.

    Raises:
        ProcessLookupError: the parent is gone already.
        OSError: the kernel refuses.
    """
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0))
    if os.getppid() != parent_pid:
        raise ProcessLookupError(f"parent {parent_pid} is gone")


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
