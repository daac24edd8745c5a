"""Who ran a command, as its records name them."""

import os
import pwd

import pytest

from deploy.accounts.who_runs import who_runs


@pytest.fixture(autouse=True)
def _not_by_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)


def test_the_environment_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types may set it to a colleague's name."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "zhang")

    assert pwd.getpwuid(os.getuid()).pw_name == who_runs()


def test_a_number_without_a_name_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As containers have that are given one."""
    monkeypatch.setattr(os, "getuid", lambda: 4_242_424_242)

    assert "uid 4242424242" == who_runs()


@pytest.mark.parametrize(("uid", "named"), [(0, "root (sudo: zhang)"), (4_242_424_242, "uid 4242424242")])
def test_sudo_says_for_whom(monkeypatch: pytest.MonkeyPatch, uid: int, named: str) -> None:
    """Of root alone: anybody else may set it to a colleague's name."""
    monkeypatch.setenv("SUDO_USER", "zhang")
    monkeypatch.setattr(os, "getuid", lambda: uid)

    assert named == who_runs()
