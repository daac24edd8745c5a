"""Text messages and news of mini-apps: what a gateway is handed, and what its answers mean."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.notices.carriers import NotNow, RefusedForGood
from deploy.notices.gateways import ByFile, ByGateway, GatewayUnusable, gateway_of
from schemas.notices import Audience, KeptNotice, Message, NoticeChannel, Occasion
from schemas.words import Language
from tests.integration.deploy.notices.receiver import Receiver

NOTICE = KeptNotice(
    id="0f8fad5b-d9cb-469f-a165-70867728950e",
    occasion=Occasion.ANSWERED,
    audience=Audience.CITIZEN,
    channel=NoticeChannel.SMS,
    at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
    attempts=1,
)
MESSAGE = Message(to="13800138000", language=Language.ZH, subject="", text="长", short="短")
NO_TOKEN = SecretStr("")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The city's gateway."""
    receiver = Receiver()
    async with receiver.running() as url:
        receiver.url = url
        yield receiver


async def test_a_gateway_gets_the_short_words(receiver: Receiver) -> None:
    """With the notice's id, by which it tells a second try, and the token."""
    await ByGateway(url=receiver.url, token="secret").carry(NOTICE, MESSAGE)
    ((headers, _),) = receiver.got

    assert {"id": NOTICE.id, "to": "13800138000", "language": "zh-Hans", "text": "短"} == receiver.bodies()[0]
    assert "Bearer secret" == headers["Authorization"]
    assert NOTICE.id == headers["idempotency-key"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(status, RefusedForGood) for status in (400, 404, 422)]
    + [(status, NotNow) for status in (302, 401, 429, 500)],
)
async def test_what_its_answers_mean(receiver: Receiver, status: int, error: type[Exception]) -> None:
    """A message that it will never send is failed; whatever may pass is tried again; no redirect is followed."""
    receiver.status, receiver.headers = status, {"location": "/elsewhere"}
    with pytest.raises(error, match=f"HTTP {status}"):
        await ByGateway(url=receiver.url, token="").carry(NOTICE, MESSAGE)

    assert 0 == receiver.elsewhere


async def test_a_gateway_that_is_away() -> None:
    """Is waited for."""
    with pytest.raises(NotNow):
        await ByGateway(url="http://127.0.0.1:9/", token="").carry(NOTICE, MESSAGE)


async def test_a_file_for_tests(tmp_path: Path) -> None:
    """A line each, for nobody else to read."""
    path = tmp_path / "sms.jsonl"
    carrier = gateway_of(f"file://{path}", NO_TOKEN, "SMS_URL")
    assert isinstance(carrier, ByFile)
    for _ in range(2):
        await carrier.carry(NOTICE, MESSAGE)

    assert ["短", "短"] == [json.loads(line)["text"] for line in path.read_text().splitlines()]
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("url", ["sms.example", "ftp://sms.example/", "https:///x", "file://"])
def test_what_is_no_gateway(url: str) -> None:
    """Is said to be none."""
    with pytest.raises(GatewayUnusable):
        gateway_of(url, NO_TOKEN, "SMS_URL")


def test_none_is_none() -> None:
    """Nothing is sent then."""
    assert gateway_of("", NO_TOKEN, "SMS_URL") is None
