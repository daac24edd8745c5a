"""Forms are accepted from our own pages in the same browser, and from nowhere else."""

import pytest

from deploy.web.site import csrf

SECRET = b"s" * 32
OURS = {"sec-fetch-site": "same-origin"}


def test_a_form_of_ours_passes() -> None:
    """A token that we issued for this cookie is accepted."""
    assert csrf.check(SECRET, "cookie", csrf.issue(SECRET, "cookie"), OURS)


def test_tokens_differ_each_time() -> None:
    """The same browser gets another token on each page, so that compression gives none away."""
    assert csrf.issue(SECRET, "cookie") != csrf.issue(SECRET, "cookie")


def test_a_browsers_name_is_no_token() -> None:
    """It is the same each time and differs from others'; a form that has it for a token is refused."""
    name = csrf.name_of(SECRET, "cookie")
    assert name == csrf.name_of(SECRET, "cookie") != csrf.name_of(SECRET, "other")
    assert not csrf.check(SECRET, "cookie", name, OURS)


@pytest.mark.parametrize("token", ["", ".", "x", "0123456789abcdef.", "0123456789abcdef.é"])
def test_a_made_up_token_is_refused(token: str) -> None:
    """A token that we never issued is refused, whatever it looks like."""
    assert not csrf.check(SECRET, "cookie", token, OURS)


def test_another_browsers_token_is_refused() -> None:
    """A token for one cookie does not serve another."""
    assert not csrf.check(SECRET, "mine", csrf.issue(SECRET, "theirs"), OURS)


def test_no_cookie_no_form() -> None:
    """Without a cookie there is nothing to tie a form to."""
    assert not csrf.check(SECRET, "", csrf.issue(SECRET, ""), OURS)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://city.example", "host": "inner:8080"}, True),
        ({"origin": "https://city.example", "host": "city.example"}, True),
        ({"origin": "http://127.0.0.1:8080", "host": "127.0.0.1:8080"}, True),
        ({"origin": "https://evil.example", "host": "city.example"}, False),
        ({"origin": "null", "host": "city.example"}, False),
        ({"host": "city.example"}, True),
    ],
)
def test_the_browsers_word_counts(headers: dict[str, str], expected: bool) -> None:
    """Sec-Fetch-Site decides where the browser sends it, and Origin where it does not."""
    assert expected is csrf.check(SECRET, "cookie", csrf.issue(SECRET, "cookie"), headers)
