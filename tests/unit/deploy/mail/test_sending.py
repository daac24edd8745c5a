"""Answers carry access codes, and a password lets them in: neither goes over a network in the clear."""

import asyncio
import socket
from email.message import EmailMessage

import pytest

from deploy.mail import sending
from deploy.mail.sending import MailServer, NotLetIn, PerhapsTaken, ServerAway, ServerBusy
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
            with pytest.raises(NotLetIn, match="offers no TLS"):
                await ask

    assert {"EHLO"} == set(smtp.heard)
    assert [] == smtp.letters


async def test_this_machine_needs_no_tls() -> None:
    """A tunnel's end, or a server of our own."""
    smtp = SmtpServer()
    async with smtp.running() as port:
        assert await _server(port).send(_letter())

    assert 1 == len(smtp.letters)


async def test_a_letter_that_cannot_be_written_ends_no_process() -> None:
    """Whatever stands in its headers: it is refused for good, and the next one is sent."""
    unwritable = _letter()
    del unwritable["To"]
    unwritable["To"] = "=?unknown?q?a?==?gb2312?b?1tdoxa==?=@x."
    smtp = SmtpServer()
    async with smtp.running() as port:
        assert not await _server(port).send(unwritable)
        assert await _server(port).send(_letter())

    assert 1 == len(smtp.letters)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("RCPT", "550 nobody here"),
        ("LETTER", "554 no such letters"),
        ("DATA", "550 no"),
    ],
)
async def test_what_is_refused_for_good(command: str, answer: str) -> None:
    """The recipient, or the letter itself: it is never tried again."""
    smtp = SmtpServer(answers={command: answer})
    async with smtp.running() as port:
        assert not await _server(port).send(_letter())


@pytest.mark.parametrize(
    ("command", "answer", "means"),
    [
        ("MAIL", "550 not from you", NotLetIn),
        ("MAIL", "530 sign in first", NotLetIn),
        ("MAIL", "451 later", ServerBusy),
        ("MAIL", "552 no room", ServerBusy),
        ("AUTH", "535 wrong", NotLetIn),
        ("AUTH", "454 not now", ServerBusy),
        ("EHLO", "250 here", NotLetIn),
        ("EHLO", None, ServerAway),
        ("RCPT", "450 busy", OSError),
        ("RCPT", "421 closing", ServerBusy),
        ("RCPT", None, ServerAway),
        ("LETTER", "451 later", ServerBusy),
        ("DATA", "421 closing", ServerBusy),
    ],
)
async def test_what_the_server_has_against_us_says_nothing_of_the_letter(
    command: str, answer: str | None, means: type[OSError]
) -> None:
    """A wrong password, a sender that it does not take, a bad hour: the letter waits, and it is told from the others."""
    smtp = SmtpServer(answers={command: answer})
    async with smtp.running() as port:
        with pytest.raises(OSError) as raised:  # noqa: PT011  which words it has is the server's own affair
            await _server(port, "hotline").send(_letter())

    assert means is type(raised.value)


@pytest.mark.parametrize(("greeting", "means"), [("421 later", ServerBusy), ("554 go away", NotLetIn)])
async def test_a_greeting_says_nothing_of_the_letter(greeting: str, means: type[OSError]) -> None:
    """Whether it is for now or for good."""
    async with SmtpServer(greeting=greeting).running() as port:
        with pytest.raises(means):
            await _server(port).send(_letter())


async def test_our_own_server_that_is_down_is_not_the_receivers_doing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes no connection, or says nothing on one."""
    async with SmtpServer().running() as port:
        pass
    with pytest.raises(ServerAway, match="ConnectionRefusedError"):
        await _server(port).send(_letter())
    monkeypatch.setattr(sending, "_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ServerAway, match="timed out"):
        await _server(silent.getsockname()[1]).send(_letter())


async def test_a_server_that_greets_nobody_refuses_no_letter() -> None:
    """554 at the door is about us (RFC 5321 §3.1)."""
    async with SmtpServer(greeting="554 go away").running() as port:
        with pytest.raises(OSError, match="554"):
            await _server(port).send(_letter())


async def test_a_password_that_cannot_be_said_is_no_fault_of_the_letter() -> None:
    """And it stands in no message."""
    async with SmtpServer().running() as port:
        server = MailServer(host="127.0.0.1", port=port, user="a", password="密码", is_encrypted=False)
        with pytest.raises(OSError, match="not ASCII") as raised:
            await server.send(_letter())

    assert "密" not in str(raised.value)


async def test_a_rude_farewell_takes_nothing_back() -> None:
    """The letter was taken."""
    smtp = SmtpServer(answers={"QUIT": "421 later"})
    async with smtp.running() as port:
        assert await _server(port).send(_letter())


async def test_a_letter_that_is_handed_in_without_an_answer_may_have_arrived() -> None:
    """Whoever hangs up then may have taken it."""
    smtp = SmtpServer(answers={"LETTER": None})
    async with smtp.running() as port:
        with pytest.raises(PerhapsTaken):
            await _server(port).send(_letter())

    assert 1 == len(smtp.letters)


async def test_a_server_may_think_about_a_letter_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """For longer than about anything else: RFC 5321 §4.5.3.2.6."""
    monkeypatch.setattr(sending, "_SECONDS", 0.2)
    async with SmtpServer(thinks=0.6).running() as port:
        assert await _server(port).send(_letter())


async def test_nothing_goes_on_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation that lasts too long is cut, and over before anybody may try again."""
    monkeypatch.setattr(sending, "LONGEST_SECONDS", 0.3)
    smtp = SmtpServer(thinks=30)
    async with smtp.running() as port:
        with pytest.raises(PerhapsTaken):
            await asyncio.wait_for(_server(port).send(_letter()), 5)

    assert 1 == len(smtp.letters)
