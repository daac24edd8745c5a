"""The same from the same browser within a day is one message."""

from datetime import datetime, timedelta

import pytest

from intake.core.same_again import keys_of, nonce_at
from tests.unit.intake.messages import NOW


def _keys(
    at: datetime, *, shown: datetime | None = None, browser: str = "b", content: str = "c"
) -> list[str]:
    return list(keys_of(browser, content, nonce_at(shown or at, "random"), at))


@pytest.mark.parametrize("hours", [0, 0.9, 1, 12, 23.9])
def test_a_new_form_finds_what_an_earlier_one_sent(hours: float) -> None:
    """Whenever within the day it is sent."""
    sent_under = _keys(NOW)[0]

    assert sent_under in _keys(NOW + timedelta(hours=hours))


def test_a_day_later_it_is_another_message() -> None:
    """What is still broken is told anew."""
    assert _keys(NOW)[0] not in _keys(NOW + timedelta(hours=25, minutes=1))


def test_one_form_has_one_key() -> None:
    """Clicked twice over the hour, and found again whenever it comes once more."""
    minutes = [timedelta(minutes=each) for each in (0, 59, 61)]

    assert 1 == len({_keys(NOW + each, shown=NOW)[0] for each in minutes})
    assert _keys(NOW)[0] in _keys(NOW + timedelta(days=3), shown=NOW)


def test_a_form_that_lay_open_for_days_is_found_from_the_next_one() -> None:
    """It is sent under the hour of its sending."""
    sent_under = _keys(NOW, shown=NOW - timedelta(days=3))[0]

    assert sent_under in _keys(NOW + timedelta(minutes=5))


@pytest.mark.parametrize("more", [{"browser": "another"}, {"content": "other"}])
def test_another_browser_or_content_shares_no_key(more: dict[str, str]) -> None:
    """Nobody gets the codes of whoever wrote the same."""
    assert not set(_keys(NOW)) & set(_keys(NOW, **more))  # type: ignore[arg-type]  # two texts, by name


@pytest.mark.parametrize("nonce", ["", "n", "-", "zz-x", "-5-x", f"{2**70:x}-x", "ffffffff-from the future"])
def test_a_key_of_a_form_that_we_did_not_make_counts_as_now(nonce: str) -> None:
    """Whoever makes one up stops nobody, and is found again all the same."""
    assert _keys(NOW)[0] in keys_of("b", "c", nonce, NOW)
