"""Notices as letters: what stands in their headers, and how a bounce is told from anything else."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from deploy.notices.letters import bounced_notice, letter_of
from schemas.notices import Audience, KeptNotice, Message, NoticeChannel, Occasion
from schemas.words import Language

NOTICE = KeptNotice(
    id="0f8fad5b-d9cb-469f-a165-70867728950e",
    occasion=Occasion.ANSWERED,
    audience=Audience.CITIZEN,
    channel=NoticeChannel.EMAIL,
    at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
    attempts=1,
)
MESSAGE = Message(
    to="a@example.org",
    language=Language.EN,
    subject="News",
    text="<b>&\nRead: https://city.example/follow?code=A&x=1\n\nBye\n",
    short="",
    stop_url="https://a-rather-long-name-of-a-city.example/" + "x" * 120,
)


def test_addresses_in_headers_stay_whole() -> None:
    """However long they are: no program reads encoded words as an address."""
    raw = letter_of(NOTICE, MESSAGE, sender="Huiyin <no-reply@city.example>").as_bytes()

    assert f"List-Unsubscribe: <{MESSAGE.stop_url}>\r\n".encode() in raw
    assert b"Message-ID: <notice.0f8fad5b-d9cb-469f-a165-70867728950e@city.example>\r\n" in raw


def test_html_is_the_text_and_nothing_more() -> None:
    """What looks like markup is shown; addresses are links."""
    letter = message_from_bytes(
        letter_of(NOTICE, MESSAGE, sender="no-reply@city.example").as_bytes(), policy=default
    )
    html = letter.get_body(("html",))
    assert html is not None
    said = html.get_content()

    assert "&lt;b&gt;&amp;<br>" in said
    assert '<a href="https://city.example/follow?code=A&amp;x=1">' in said


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example\r\nBcc: c@d.example", "a@b.example\nSubject: x", "a@b.example, c@d.example", "a@b.example;c@d.example",
        "<a@b.example>", "A <a@b.example>", "a b@c.example", "a@b@c.example", "张三@b.example", "a@例子.公司", "", "@", "a@",
    ],
)  # fmt: skip
def test_only_one_plain_address_is_written_to(to: str) -> None:
    """A second one would get what is meant for the first; a line break would add headers."""
    with pytest.raises(ValueError):  # noqa: PT011  the library's own words
        letter_of(
            NOTICE,
            Message(to=to, language=Language.ZH, subject="s", text="t", short=""),
            sender="a@b.example",
        )


@pytest.mark.parametrize(
    ("report", "found"),
    [
        ("Action: failed\nStatus: 5.1.1\n\nMessage-ID: <notice.{id}@c.example>", "5.1.1"),
        ("action: FAILED\nMessage-ID: <notice.{id}@c.example>", "failed"),
        ("Action: delayed\nStatus: 4.4.1\nMessage-ID: <notice.{id}@c.example>", None),
        ("Action: failed\nStatus: 5.1.1\nMessage-ID: <{id}@c.example>", None),
        ("In-Reply-To: <notice.{id}@c.example>\nI am away.", None),
    ],
)
def test_what_is_a_bounce(report: str, found: str | None) -> None:
    """Only a report that a letter of ours failed for good."""
    said = bounced_notice(report.format(id=NOTICE.id).encode())

    assert (None if found is None else (NOTICE.id, found)) == said
