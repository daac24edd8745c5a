"""A mailbox on an IMAP server, through the library's own client and a socket."""

import asyncio
import imaplib
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from deploy.mail.imap import Imap, ImapSession
from tests.mail_servers import ImapServer


async def _with(server: ImapServer, do: Callable[[ImapSession], object], wrong: str = "") -> Any:
    def work(port: int) -> object:
        box = Imap(
            host="127.0.0.1", port=port, user="hotline", password=wrong or server.password, is_encrypted=False
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


async def test_a_wrong_password_is_said() -> None:
    """Rather than taken for an empty mailbox."""
    with pytest.raises(imaplib.IMAP4.error, match="wrong password"):
        await _with(ImapServer(), lambda session: session.waiting(1), wrong="something else")
