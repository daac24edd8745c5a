"""Devices that somebody signed in with before."""

import pytest

from deploy.accounts.devices import device_of, new_device

KEYS = [b"s" * 32]


def test_a_device_is_known_to_its_name_alone() -> None:
    """Made by us, for this name."""
    cookie = new_device(KEYS, "wang")

    assert device_of(KEYS, "wang", cookie)
    assert device_of(KEYS, "li", cookie) is None
    assert device_of([b"t" * 32], "wang", cookie) is None


@pytest.mark.parametrize("cookie", ["", ".", "abc", "abc.def", "é.ü", "\ud800.x"])
def test_what_we_did_not_make_is_unknown(cookie: str) -> None:
    """Whatever a browser sends."""
    assert device_of(KEYS, "wang", cookie) is None


def test_two_devices_are_two() -> None:
    """Each has a count of its own."""
    assert new_device(KEYS, "wang") != new_device(KEYS, "wang")


def test_it_is_known_while_the_master_secret_is_changed() -> None:
    """By processes that have the new one already, and by those that do not sign with it yet."""
    former, new = [b"s" * 32, b"t" * 32], [b"t" * 32, b"s" * 32]

    assert device_of(former, "wang", new_device(new, "wang"))
    assert device_of(new, "wang", new_device(former, "wang"))
