"""Devices that somebody signed in with before."""

import pytest

from deploy.accounts.devices import device_of, new_device

SECRET = b"s" * 32


def test_a_device_is_known_to_its_name_alone() -> None:
    """Made by us, for this name."""
    cookie = new_device(SECRET, "wang")

    assert device_of(SECRET, "wang", cookie)
    assert device_of(SECRET, "li", cookie) is None
    assert device_of(b"t" * 32, "wang", cookie) is None


@pytest.mark.parametrize("cookie", ["", ".", "abc", "abc.def", "é.ü", "\ud800.x"])
def test_what_we_did_not_make_is_unknown(cookie: str) -> None:
    """Whatever a browser sends."""
    assert device_of(SECRET, "wang", cookie) is None


def test_two_devices_are_two() -> None:
    """Each has a count of its own."""
    assert new_device(SECRET, "wang") != new_device(SECRET, "wang")
