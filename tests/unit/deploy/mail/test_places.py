"""What is said to this machine itself passes over no network."""

import pytest

from deploy.mail import places


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("localhost.city.example", False),
        ("10.0.0.1", False),
    ],
)
def test_what_is_on_this_machine(host: str, *, is_here: bool) -> None:
    """And what is not."""
    assert is_here is places.is_here(host)
