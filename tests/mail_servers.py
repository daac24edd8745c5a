"""Servers of e-mail for tests, in this process: IMAP over one mailbox in memory, and SMTP that keeps what it is given."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _listening(serve: _Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@dataclass
class ImapServer:
    """As much of RFC 3501 as a client of ours says; with `moves` of RFC 6851 too. Letters by UID, folder by folder."""

    password: str = "open sesame"
    moves: bool = True
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)

    def deliver(self, letter: bytes) -> None:
        """Put a letter into the inbox."""
        inbox = self.folders["INBOX"]
        inbox[max([0, *(uid for box in self.folders.values() for uid in box)]) + 7] = letter

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Its port."""
        async with _listening(self._serve) as port:
            yield port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, said = line.decode().rstrip().partition(" ")
            command = said.upper()
            data, verdict = self._answer(command, said)
            writer.write(b"".join(data) + f"{tag} {verdict}\r\n".encode())
            await writer.drain()
            if command == "LOGOUT":
                break
        writer.close()

    def _answer(self, command: str, said: str) -> tuple[list[bytes], str]:
        inbox = self.folders["INBOX"]
        words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', said)
        last = next(filter(None, words[-1])) if words else ""
        uid = int(words[2][1]) if command.startswith("UID ") and words[2][1].isdigit() else 0
        if command.startswith("CAPABILITY"):
            capabilities = "IMAP4rev1 UIDPLUS" + (" MOVE" if self.moves else "")
            return [f"* CAPABILITY {capabilities}\r\n".encode()], "OK done"
        if command.startswith("LOGIN"):
            return [], "OK in" if last == self.password else "NO wrong password"
        if command.startswith("SELECT"):
            return [f"* {len(inbox)} EXISTS\r\n".encode()], "OK [READ-WRITE] done"
        if command.startswith("CREATE"):
            known = last in self.folders
            self.folders.setdefault(last, {})
            return [], "NO there already" if known else "OK made"
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

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Its port."""
        async with _listening(self._serve) as port:
            yield port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            command = line.decode().upper()
            if command.startswith("RCPT"):
                answer = self.verdict
            elif command.startswith("DATA"):
                writer.write(b"354 go on\r\n")
                letter = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(letter.removesuffix(b".\r\n"))
                answer = "250 taken"
            else:
                answer = "221 bye" if command.startswith("QUIT") else "250 ok"
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
            if command.startswith("QUIT"):
                break
        writer.close()
