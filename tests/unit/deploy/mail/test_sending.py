"""Answers carry access codes, and a password lets them in: neither goes over a network in the clear."""

from email.message import EmailMessage

import pytest

from deploy.mail import sending
from deploy.mail.sending import MailServer
from tests.mail_servers import SmtpServer


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "hotline@city.example", "zhang@example.org"
    letter.set_content("1234 5678")
    return letter


def _server(port: int, user: str = "") -> MailServer:
    return MailServer(host="127.0.0.1", port=port, user=user, password="open sesame", is_encrypted=False)


@pytest.mark.parametrize("user", ["", "hotline"])
async def test_nothing_is_said_where_no_tls_is_offered(monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    """Whoever stands between may have left the offer out: no password, no letter, and the reason for whoever looks."""
    monkeypatch.setattr(sending, "is_here", lambda host: False)
    smtp = SmtpServer()
    async with smtp.running() as port:
        for ask in (_server(port, user).check(), _server(port, user).send(_letter())):
            with pytest.raises(OSError, match="offers no TLS"):
                await ask

    assert {"EHLO"} == set(smtp.heard)
    assert [] == smtp.letters


async def test_this_machine_needs_no_tls() -> None:
    """A tunnel's end, or a server of our own."""
    smtp = SmtpServer()
    async with smtp.running() as port:
        assert await _server(port).send(_letter())

    assert 1 == len(smtp.letters)
