"""Passwords that somebody would try first."""

import secrets
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.accounts.guessable import is_guessable

_STEMS = (
    "password", "Password", "p@ssw0rd", "admin", "Administrator", "welcome", "Welcome", "letmein", "iloveyou", "huiyin",
    "Huiyin", "woaini", "qwerty", "Qwerty", "qazwsx", "1qaz2wsx", "qweasd", "asdfgh", "zxcvbn", "abcdef", "monkey",
    "dragon", "zhongguo", "beijing", "回音", "密码", "管理员", "东湖区", "zhaowei",
)  # fmt: skip
_TAILS = (
    "123", "1234", "12345", "123456", "1234567890", "111", "888888", "666", "000000", "2024", "2025", "2026", "1990",
    "@2026", "2026!", "#1", "!", "!!", "123!@#", "abc123", "321", "654321", "qwe", "1", "01", "_1", "2026.11", "admin",
)  # fmt: skip
_NAMES = ("zhaowei", "东湖区")


def _common() -> list[str]:
    made = [stem + tail for stem, tail in product(_STEMS, _TAILS)]
    made += [tail + stem for stem, tail in product(_STEMS, _TAILS)]
    return [password for password in made if len(password) >= 10]


def test_more_than_a_thousand_common_passwords_are_refused() -> None:
    """Words, walks, years, names and numbers, joined in the usual ways."""
    common = _common()

    assert len(set(common)) > 1000
    assert [password for password in common if not is_guessable(password, _NAMES)] == []


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0987654321", "13800138000", "19900101199001", "aaaaaaaaaaaa", "abababababab", "abcabcabcabc",
        "qwertyuiop", "poiuytrewq", "1q2w3e4r5t", "zaq12wsxcde3", "!@#$%^&*()", "correctcorrectcorrect"[:0] + "huiyinhuiyin",
        "x1x1x1x1x1x1", "PASSWORD 2026", "ｐａｓｓｗｏｒｄ１２３",
    ],
)  # fmt: skip
def test_what_somebody_would_try(password: str) -> None:
    """Numbers, repeats and walks of any length, in any width and case."""
    assert is_guessable(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "a new password",
        "trügerisch7Wal",
        "山高月小水落石出",
        "blue-kettle-9-wind",
        "Kx7#mQ2vLp",
    ],
)
def test_what_nobody_would_try(password: str) -> None:
    """Four letters of one's own are enough for this check."""
    assert not is_guessable(password, _NAMES)


@given(st.integers())
def test_generated_passwords_pass(seed: int) -> None:
    """What a generator makes holds something of its own."""
    assert not is_guessable(secrets.token_urlsafe(12))


@given(st.text(min_size=1, max_size=200))
def test_every_text_is_judged(password: str) -> None:
    """Whatever somebody types: no error, and the same answer again."""
    assert is_guessable(password) == is_guessable(password)
