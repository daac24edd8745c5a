"""A mailbox on an IMAP server, through the library's own client and a socket."""

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.mail import imap
from deploy.mail.imap import Imap, ImapSession
from tests.integration.deploy.secure.certificates import Authority
from tests.mail_servers import ImapServer


async def _with(
    server: ImapServer, do: Callable[[ImapSession], object], wrong: str = "", *, is_encrypted: bool = False
) -> Any:
    def work(port: int) -> object:
        box = Imap(
            host="127.0.0.1",
            port=port,
            user="hotline",
            password=wrong or server.password,
            is_encrypted=is_encrypted,
        )
        with box.opened() as session:
            return do(session)

    async with server.running() as port:
        return await asyncio.to_thread(work, port)


@pytest.mark.parametrize("moves", [True, False])
async def test_letters_are_read_unmarked_and_leave_whole(*, moves: bool) -> None:
    """The oldest first; by a move where the server knows it, otherwise by a copy after which the original goes."""
    server = ImapServer(moves=moves)
    letters = [b"Subject: 1\r\n\r\nx", b"Subject: 2\r\n\r\n{5}\r\n)y", b"Subject: 3\r\n\r\n\xff\x00z"]
    for letter in letters:
        server.deliver(letter)

    def take_two(session: ImapSession) -> tuple[Sequence[bytes | None], Sequence[str]]:
        names = session.waiting(10)
        read = [session.fetch(name, 1000) for name in names]
        for name in names[:2]:
            session.settle(name, "Huiyin-taken")
        return read, session.waiting(10)

    read, left = await _with(server, take_two)

    assert letters == read
    assert 1 == len(left)
    assert letters[:2] == list(server.folders["Huiyin-taken"].values())
    assert letters[2:] == list(server.folders["INBOX"].values())
    assert not server.seen


async def test_a_letter_is_read_up_to_a_limit_and_may_be_gone() -> None:
    """Nobody fills the memory; whoever deleted it meanwhile breaks nothing."""
    server = ImapServer()
    server.deliver(b"y" * 1000)
    read = await _with(server, lambda session: (session.fetch("7", 50), session.fetch("99", 50)))

    assert (b"y" * 50, None) == read


async def test_letters_of_a_folder_are_counted_with_the_inbox_open() -> None:
    """None where nobody made it; what waits in the inbox is read on."""
    server = ImapServer(folders={"INBOX": {}, "Huiyin-held": {3: b"x", 4: b"y"}})
    server.deliver(b"z")
    found = await _with(
        server,
        lambda session: (session.lying_in("Huiyin-held"), session.lying_in("none"), session.fetch("11", 9)),
    )

    assert (2, 0, b"z") == found


async def test_a_wrong_password_is_said() -> None:
    """Rather than taken for an empty mailbox."""
    with pytest.raises(imaplib.IMAP4.error, match="wrong password"):
        await _with(ImapServer(), lambda session: session.waiting(1), wrong="something else")


def _server(authority: Authority, *, asked_for: bool, host: str = "127.0.0.1") -> ImapServer:
    """One with a certificate of this authority, and a letter."""
    issued = authority.issue("imap", hosts=[host])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(issued.certificate, issued.key)
    server = ImapServer(tls=tls, is_tls_asked_for=asked_for)
    server.deliver(b"Subject: 1\r\n\r\nx")
    return server


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority of a city's own servers."""
    authority = Authority(tmp_path, "city")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@pytest.mark.parametrize("asked_for", [True, False])
async def test_letters_are_read_over_tls(trusted: Authority, *, asked_for: bool) -> None:
    """From the first byte, or by STARTTLS where the server offers only that; the password is said no earlier."""
    server = _server(trusted, asked_for=asked_for)
    read = await _with(server, lambda session: session.fetch("7", 99), is_encrypted=not asked_for)

    assert b"Subject: 1\r\n\r\nx" == read
    assert [] == server.in_the_clear


@pytest.mark.parametrize("asked_for", [True, False])
async def test_a_certificate_that_is_not_the_servers_is_refused(
    tmp_path: Path, trusted: Authority, *, asked_for: bool
) -> None:
    """Another authority's, or for another name: no password, no letter."""
    stranger = Authority(tmp_path, "stranger")
    for server in (
        _server(stranger, asked_for=asked_for),
        _server(trusted, asked_for=asked_for, host="other.example"),
    ):
        with pytest.raises(ssl.SSLCertVerificationError):
            await _with(server, lambda session: session.waiting(9), is_encrypted=not asked_for)
        assert [] == server.in_the_clear


async def test_no_password_goes_over_a_network_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands between may have left out that the server offers TLS."""
    server = ImapServer(password="wrong")
    monkeypatch.setattr(imap, "is_here", lambda host: False)
    with pytest.raises(imaplib.IMAP4.error, match="offers no TLS"):
        await _with(server, lambda session: session.waiting(9))
