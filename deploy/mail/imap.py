"""A mailbox on an IMAP server (RFC 3501), by the standard library's client; letters are moved (RFC 6851) or copied.

Its certificate is checked, against the system's authorities or those of `SSL_CERT_FILE`. No password and no letter goes over
a network unencrypted.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from deploy.mail.places import is_here

#: Project choice: what a server across the world needs; then it is tried again.
_SECONDS = 30.0
#: How a server says how many letters a folder has.
_MESSAGES = re.compile(rb"\bMESSAGES (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap:
    """`deploy.mail.mailbox.Mailbox` on an IMAP server."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    #: From its first byte. Otherwise it is asked for (STARTTLS), without which only a server on this machine is used.
    is_encrypted: bool = True

    @property
    def name(self) -> str:
        """The account, and where it is."""
        return f"{self.user}@{self.host}"

    @contextmanager
    def opened(self) -> Iterator["ImapSession"]:
        """Signed in, with the folder open."""
        client = self._connected()
        try:
            self._encrypt(client)
            client.login(self.user, self.password)
            _ok(client.select(_quoted(self.folder)))
            yield ImapSession(client)
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def _connected(self) -> imaplib.IMAP4:
        if self.is_encrypted:
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=_SECONDS)
        return imaplib.IMAP4(self.host, self.port, timeout=_SECONDS)

    def _encrypt(self, client: imaplib.IMAP4) -> None:
        """Whoever stands between can leave out that the server offers TLS, and would read the password: so it is needed."""
        if self.is_encrypted:
            return
        if "STARTTLS" in client.capabilities:
            client.starttls(ssl_context=ssl.create_default_context())
        elif not is_here(self.host):
            raise imaplib.IMAP4.error(
                "the server offers no TLS: name it as imaps://, or reach it by a tunnel"
            )


class ImapSession:
    """`deploy.mail.mailbox.Session` of one connection. Letters are named by their UIDs, and read unmarked."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client
        self._made: set[str] = set()

    def waiting(self, limit: int) -> Sequence[str]:
        """All that is in the folder and not deleted: what is taken leaves it."""
        (found,) = _ok(self._client.uid("SEARCH", "UNDELETED"))[:1] or [b""]
        uids = sorted(int(each) for each in (found or b"").split())
        return [str(each) for each in uids[:limit]]

    def fetch(self, name: str, limit: int) -> bytes | None:
        """Its first bytes; the server does not mark it as seen."""
        answer = _ok(self._client.uid("FETCH", name, f"(BODY.PEEK[]<0.{limit}>)"))
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)

    def lying_in(self, folder: str) -> int:
        """As the server counts them (RFC 3501 §6.3.10), with the inbox open all the while."""
        status, data = self._client.status(_quoted(folder), "(MESSAGES)")
        said = bytes(data[0]) if status == "OK" and data and data[0] else b""
        return int(found[1]) if (found := _MESSAGES.search(said)) else 0

    def settle(self, name: str, folder: str) -> None:
        """By one command where the server knows it; else by a copy, after which the original goes."""
        self._make(folder)
        if "MOVE" in self._client.capabilities:
            _ok(self._client.uid("MOVE", name, _quoted(folder)))
            return
        _ok(self._client.uid("COPY", name, _quoted(folder)))
        _ok(self._client.uid("STORE", name, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._client.capabilities:
            _ok(self._client.uid("EXPUNGE", name))

    def _make(self, folder: str) -> None:
        """Servers refuse what is there already; whether it is, the move finds out."""
        if folder not in self._made:
            self._client.create(_quoted(folder))
            self._made.add(folder)


def _ok(answer: tuple[str, Any]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(str(data[:1]))
    return list(data)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
