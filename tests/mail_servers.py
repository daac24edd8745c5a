"""Servers of e-mail for tests, in this process: IMAP over one mailbox in memory, and SMTP that keeps what it is given."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _listening(
    serve: _Serve, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        talks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        talks.discard(task)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        # Whoever still thinks about a letter is gone with the server.
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


@dataclass
class ImapServer:
    """As much of RFC 3501 as a client of ours says; with `moves` of RFC 6851 too. Letters by UID, folder by folder."""

    password: str = "open sesame"
    moves: bool = True
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    #: What it encrypts with: from the first byte, or once it is asked to; without it nobody signs in then.
    tls: ssl.SSLContext | None = None
    is_tls_asked_for: bool = False
    #: Passwords that it was told before there was TLS.
    in_the_clear: list[str] = field(default_factory=list)
    #: Letters that it gives out no more until somebody lets it.
    held: asyncio.Event | None = None

    def deliver(self, letter: bytes) -> None:
        """Put a letter into the inbox."""
        inbox = self.folders["INBOX"]
        inbox[max([0, *(uid for box in self.folders.values() for uid in box)]) + 7] = letter

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[int]:
        """Its port."""
        tls = None if self.is_tls_asked_for else self.tls
        async with _listening(self._serve, port=port, tls=tls) as port_:
            yield port_

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Clients are killed, and whoever is told of a certificate that they do not trust hangs up.
        with contextlib.suppress(OSError, ssl.SSLError):
            writer.write(b"* OK ready\r\n")
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            tag, _, said = line.decode().rstrip().partition(" ")
            command = said.upper()
            if command == "STARTTLS" and self.tls is not None:
                writer.write(f"{tag} OK begin\r\n".encode())
                await writer.start_tls(self.tls)
                continue
            is_clear = writer.get_extra_info("ssl_object") is None
            if command.startswith("LOGIN") and is_clear and self.tls is not None:
                self.in_the_clear.append(said)
            data, verdict = self._answer(command, said, offers_tls=is_clear and self.tls is not None)
            if self.held is not None and command.startswith("UID FETCH"):
                await self.held.wait()
            writer.write(b"".join(data) + f"{tag} {verdict}\r\n".encode())
            await writer.drain()
            if command == "LOGOUT":
                break

    def _answer(self, command: str, said: str, *, offers_tls: bool) -> tuple[list[bytes], str]:
        inbox = self.folders["INBOX"]
        words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', said)
        last = next(filter(None, words[-1])) if words else ""
        uid = int(words[2][1]) if command.startswith("UID ") and words[2][1].isdigit() else 0
        if command.startswith("CAPABILITY"):
            capabilities = "IMAP4rev1 UIDPLUS" + (" MOVE" if self.moves else "")
            capabilities += " STARTTLS LOGINDISABLED" if offers_tls else ""
            return [f"* CAPABILITY {capabilities}\r\n".encode()], "OK done"
        if command.startswith("LOGIN"):
            return [], "OK in" if last == self.password else "NO wrong password"
        if command.startswith("SELECT"):
            return [f"* {len(inbox)} EXISTS\r\n".encode()], "OK [READ-WRITE] done"
        if command.startswith("CREATE"):
            known = last in self.folders
            self.folders.setdefault(last, {})
            return [], "NO there already" if known else "OK made"
        if command.startswith("STATUS"):
            folder = self.folders.get(next(filter(None, words[1])))
            counted = f'* STATUS "{words[1][0]}" (MESSAGES {len(folder or ())})\r\n'.encode()
            return ([], "NO no such folder") if folder is None else ([counted], "OK done")
        if command.startswith("UID SEARCH"):
            waiting = " ".join(str(each) for each in inbox if each not in self.deleted)
            return [f"* SEARCH {waiting}\r\n".encode()], "OK done"
        if command.startswith("UID FETCH"):
            return self._fetched(uid, said), "OK done"
        if command.startswith(("UID MOVE", "UID COPY")):
            if last not in self.folders:
                return [], "NO [TRYCREATE] no such folder"
            self.folders[last][uid] = inbox[uid]
            if command.startswith("UID MOVE"):
                del inbox[uid]
            return [], "OK done"
        if command.startswith("UID STORE"):
            self.deleted.add(uid)
            return [], "OK done"
        if command.startswith("UID EXPUNGE"):
            inbox.pop(uid, None)
            return [], "OK done"
        return [], "OK done" if command.startswith(("LOGOUT", "NOOP")) else "BAD what?"

    def _fetched(self, uid: int, said: str) -> list[bytes]:
        if "PEEK" not in said:
            self.seen.add(uid)
        if uid not in self.folders["INBOX"]:
            return []
        limit = int(said.partition("<0.")[2].partition(">")[0])
        letter = self.folders["INBOX"][uid][:limit]
        return [f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(letter)}}}\r\n".encode(), letter, b")\r\n"]


@dataclass
class SmtpServer:
    """Keeps letters; answers the recipient with `verdict`."""

    letters: list[bytes] = field(default_factory=list)
    verdict: str = "250 ok"
    #: What it answers to a command instead, and to a LETTER that it has whole; None: it hangs up.
    answers: dict[str, str | None] = field(default_factory=dict)
    greeting: str = "220 ready"
    #: So long it thinks about a letter that it has whole.
    thinks: float = 0
    #: What it was told besides.
    heard: list[str] = field(default_factory=list)
    #: Where it listens, for whoever sets it.
    port: int = 0

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[int]:
        """Its port."""
        async with _listening(self._serve, port=port) as port_:
            yield port_

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{self.greeting}\r\n".encode())
        while line := await reader.readline():
            command = line.decode().upper().split()[0]
            self.heard.append(command)
            answer = self.answers.get(command, self._usual(command))
            if command == "DATA" and answer == "354 go on":
                writer.write(b"354 go on\r\n")
                letter = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(letter.removesuffix(b".\r\n"))
                await asyncio.sleep(self.thinks)
                answer = self.answers.get("LETTER", "250 taken")
            if answer is None:
                break
            with contextlib.suppress(ConnectionError):
                writer.write(f"{answer}\r\n".encode())
                await writer.drain()
            if command == "QUIT":
                break
        writer.close()

    def _usual(self, command: str) -> str:
        usual = {
            "EHLO": "250-here\r\n250 AUTH PLAIN",
            "AUTH": "235 welcome",
            "RCPT": self.verdict,
            "DATA": "354 go on",
            "QUIT": "221 bye",
        }
        return usual.get(command, "250 ok")
