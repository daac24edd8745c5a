"""Devices that somebody signed in with before."""

import re

import pytest

from deploy.accounts.devices import device_among, device_of, new_device, remembering

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


def test_a_browser_is_known_by_the_last_five_names() -> None:
    """The one used last counts as the newest; the sixth takes the place of the oldest, and the cookie grows no more."""
    cookie = ""
    for name in "abcde":
        cookie = remembering(KEYS, name, cookie)
    first = device_among(KEYS, "a", cookie)
    assert first
    cookie = remembering(KEYS, "a", cookie)
    assert cookie == remembering(KEYS, "a", cookie)
    cookie = remembering(KEYS, "f", cookie)

    assert first == device_among(KEYS, "a", cookie)
    assert [True, False, True, True, True, True] == [
        device_among(KEYS, name, cookie) is not None for name in "abcdef"
    ]
    assert len(cookie) < 500
    assert re.fullmatch(r"[\w.-]+", cookie, re.ASCII)


@pytest.mark.parametrize(
    "junk", ["", "-", "abc.def", "é.ü", "x" * 9_000, "-" * 9_000, f"{'a' * 24}.{'0' * 64}"]
)
def test_what_else_such_a_cookie_holds_is_left_out(junk: str) -> None:
    """Of a form of our own it stays, as of another name, and opens nothing; a cookie of one name is read as ever."""
    one = new_device(KEYS, "a")
    assert (
        device_of(KEYS, "a", one) == device_among(KEYS, "a", one) == device_among(KEYS, "a", f"{one}-{junk}")
    )
    kept = remembering(KEYS, "a", f"{junk}-{one}")

    assert kept.startswith(one) or device_among(KEYS, "a", f"{junk}-{one}") is None
    assert len(kept) < 200
    assert device_among(KEYS, "b", kept) is None
