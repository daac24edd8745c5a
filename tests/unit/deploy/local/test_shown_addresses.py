"""What `huiyin status` and `state.json` show of a database's address."""

import pytest

from deploy.local.running import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:hunter2@h:5432/city", "postgresql://u@h:5432/city"),
        ("postgresql://u:hunt@er2@h/city?sslmode=require", "postgresql://u@h/city?sslmode=require"),
        ("postgresql://u@h/city?password=hunter2&sslmode=require", "postgresql://u@h/city?sslmode=require"),
        (
            "postgresql://u@h/city?sslkey=k.pem&sslpassword=hunter2",
            "postgresql://u@h/city?sslkey=k.pem",
        ),
        ("postgresql://u@h/city?p%61ssword=hunter2", "postgresql://u@h/city"),
    ],
)
def test_no_password_of_a_database_is_shown(url: str, shown: str) -> None:
    """The user's before the host or behind the question mark, and that of the client's key."""
    assert without_password(url) == shown
