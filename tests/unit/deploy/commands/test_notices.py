"""What `huiyin notices` says of each notice."""

from datetime import UTC, datetime

import pytest

from deploy.commands import notices


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_CN.UTF-8", "w***@example.org 连接不上对方 尝试 2 次"),
        ("C", "the receiver could not be reached 2 tries"),
    ],
)
def test_why_a_notice_waits_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    """Those of the page, in the language of the terminal: an error's name tells its reader nothing."""
    monkeypatch.setenv("LC_ALL", language)
    row = {
        "id": "0f8fad5b", "at": datetime(2026, 11, 23, tzinfo=UTC), "state": "waiting", "channel": "email",
        "occasion": "received", "audience": "citizen", "department": "", "shown_to": "w***@example.org",
        "reason": "ConnectionRefusedError", "attempts": 2,
    }  # fmt: skip

    assert said in notices._text_line(row)
    assert "Error" not in notices._text_line(row)
