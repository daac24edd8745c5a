"""Cookies are read leniently and written strictly."""

import pytest

from deploy.web.site.cookies import LANGUAGE, SESSION, cookie, set_cookie


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("huiyin_session=abc", "abc"),
        ("other=1; huiyin_session=abc; huiyin_size=large", "abc"),
        ("other=1", ""),
        ("", ""),
        ('huiyin_session="a', ""),
    ],
)
def test_reads_one_cookie(header: str, expected: str) -> None:
    """One cookie is found among others; a header that makes no sense holds none."""
    assert expected == cookie({"cookie": header}, SESSION)


def test_a_session_is_out_of_reach() -> None:
    """A session goes with the browser, is hidden from scripts and other sites, and from plain http."""
    assert (
        set_cookie(SESSION, "abc", https=True) == "huiyin_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
    )


def test_none_deletes() -> None:
    """None makes the browser forget the cookie."""
    assert (
        set_cookie(SESSION, None, https=False) == "huiyin_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    )


def test_a_choice_lasts() -> None:
    """A choice of language is kept for a year."""
    assert set_cookie(LANGUAGE, "en", https=False).endswith("Max-Age=31536000")
