"""The server that takes our answers (SMTP, RFC 5321), by the standard library's client, in a thread."""

import asyncio
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from deploy.mail.places import is_here
from deploy.settings import Settings
from schemas.errors import Misconfigured, Unusable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: Project choice, as of the mailbox: for the server's greeting, and for each of its answers but the last.
_SECONDS = 30.0
#: RFC 5321 §4.5.3.2.6: a server may take so long to answer a letter that it has whole; whoever asks sooner sends it twice.
_LAST_ANSWER_SECONDS = 600.0
#: RFC 5321 §4.2.3: the server closes the line, whatever was asked; it has no room, also where it says it of a sender.
_CLOSING = 421
_NO_ROOM = 552
#: So long for all of it: far more than a server that works takes to come to the last answer.
LONGEST_SECONDS = _LAST_ANSWER_SECONDS + 120.0


class SenderUnusable(Misconfigured):
    """The setting names no server that could take a letter."""

    en = "{setting}: {fault}; it is smtps://user@host or smtp://host, with {password}, and {sender} is ours"
    zh = "{setting} 不可用（{fault}）；应为 smtps://用户@主机 或 smtp://主机，密码放在 {password}，本机构地址放在 {sender}"


class PerhapsTaken(OSError):
    """The server had the letter whole, and did not say what it did with it."""


class NotLetIn(OSError):
    """Our own server will have nothing to do with us: a password, a sender, an encryption that is not there."""


class ServerAway(OSError):
    """Our own server takes no connection, says nothing, or hangs up."""


class ServerBusy(OSError):
    """Our own server does not take it now: what it says is about itself, and of no receiver."""


class _Line:
    """One conversation, as far as others need to know of it."""

    def __init__(self) -> None:
        self.client: smtplib.SMTP | None = None
        self.is_handed_in = False

    def cut(self) -> None:
        """End it, from another thread: whoever waits for an answer gets none."""
        sock = getattr(self.client, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def sent(self, said: object) -> None:
        """Of all that is sent the letter alone is bytes: what follows is its answer."""
        if isinstance(said, bytes) and self.client is not None and self.client.sock is not None:
            self.is_handed_in = True
            self.client.sock.settimeout(_LAST_ANSWER_SECONDS)


class _Client(smtplib.SMTP):
    """The library's, which says when the letter is out."""

    def __init__(self, host: str, port: int, line: _Line) -> None:
        line.client = self
        self._line = line
        super().__init__(host, port, timeout=_SECONDS)

    def send(self, text: "ReadableBuffer | str", /) -> None:
        """As `smtplib` sends it, and noted as sent."""
        super().send(text)
        self._line.sent(text)


class _TlsClient(smtplib.SMTP_SSL):
    """A client whose connection is encrypted from the start, and which also notes what was sent."""

    def __init__(self, host: str, port: int, line: _Line) -> None:
        line.client = self
        self._line = line
        super().__init__(host, port, timeout=_SECONDS, context=ssl.create_default_context())

    def send(self, text: "ReadableBuffer | str", /) -> None:
        """As `smtplib` sends it, and noted as sent."""
        super().send(text)
        self._line.sent(text)


def _leave(client: smtplib.SMTP) -> None:
    """What a server says to a farewell changes nothing of what it took."""
    if client.sock is None:
        return
    client.sock.settimeout(_SECONDS)
    with contextlib.suppress(OSError, smtplib.SMTPException):
        client.quit()
    client.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where letters are handed in. Without TLS from the start it is asked for (STARTTLS).

    Whoever stands between can leave out that the server offers it, and would read the password and citizens' access codes:
    a server on another machine that offers none is given nothing.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_encrypted: bool

    async def send(self, letter: EmailMessage) -> bool:
        """Whether the server took it; False where it never will, for that address or such a letter.

        It is over when this returns or raises, and within `LONGEST_SECONDS` and one answer's time: nothing goes on beside.

        Raises:
            PerhapsTaken: the letter was handed in whole, and nothing came back: it may arrive.
            OSError: it did not answer, or said to come again, or will have nothing to do with us.
        """
        line = _Line()
        sending = asyncio.create_task(asyncio.to_thread(self._send, letter, line))
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await asyncio.shield(sending)
        except TimeoutError:
            # A thread cannot be stopped, but what it waits for can be taken from it.
            line.cut()
            return await sending

    def _send(self, letter: EmailMessage, line: "_Line") -> bool:
        client = self._connected(line)
        try:
            client.send_message(letter)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            codes = _codes(error)
            if all(code >= 500 for code in codes):
                return False
            is_receivers = isinstance(error, smtplib.SMTPRecipientsRefused) and _CLOSING not in codes
            raise (OSError if is_receivers else ServerBusy)(f"SMTP {codes}") from error
        except (smtplib.SMTPNotSupportedError, ValueError):
            # Of letters alone: the address cannot be said to this server (RFC 6531 §3.1), or nothing can write the letter.
            return False
        except smtplib.SMTPSenderRefused as error:
            raise _about_us(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise (PerhapsTaken if line.is_handed_in else ServerAway)(type(error).__name__) from error
        finally:
            _leave(client)
        return True

    async def check(self) -> None:
        """Return where the server lets us in.

        Raises:
            OSError: it does not, and why.
        """
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        client = self._connected(_Line())
        try:
            client.noop()
        except smtplib.SMTPException as error:
            raise OSError(str(error)) from error
        finally:
            _leave(client)

    def _connected(self, line: "_Line") -> smtplib.SMTP:
        """Whatever goes wrong before there is a letter says nothing about any letter."""
        try:
            client = self._opened(line)
            self._enter(client)
        except (OSError, UnicodeError) as error:
            raise _about_us(error) from error
        return client

    def _enter(self, client: smtplib.SMTP) -> None:
        try:
            self._encrypt(client)
            if self.user:
                client.login(self.user, self.password)
        except Exception:
            client.close()
            raise

    def _opened(self, line: "_Line") -> smtplib.SMTP:
        if not self.is_encrypted:
            return _Client(self.host, self.port, line)
        return _TlsClient(self.host, self.port, line)

    def _encrypt(self, client: smtplib.SMTP) -> None:
        if self.is_encrypted:
            return
        client.ehlo()
        if client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
        elif not is_here(self.host):
            raise NotLetIn("the server offers no TLS: name it as smtps://, or reach it by a tunnel")


def _about_us(error: OSError | UnicodeError) -> OSError:
    """What our own server, or the way to it, has against us, whatever the letter is."""
    said = f"{type(error).__name__}: {'not ASCII' if isinstance(error, UnicodeError) else error}"
    match error:
        case smtplib.SMTPResponseException(smtp_code=code) if code < 500 or code == _NO_ROOM:
            return ServerBusy(said)
        case smtplib.SMTPServerDisconnected():
            return ServerAway(said)
        case smtplib.SMTPException() | UnicodeError() | ssl.SSLError() | NotLetIn():
            return NotLetIn(said)
        case _:
            return ServerAway(said)


def _codes(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code]


def mail_server_of(settings: Settings) -> MailServer | None:
    """The server that answers letters; None where the settings name none, and nobody is answered by e-mail.

    Raises:
        SenderUnusable: none can be meant by that, or nobody says what our own address is.
    """
    names = {"setting": "MAIL_OUT_URL", "password": "MAIL_OUT_PASSWORD", "sender": "MAIL_ADDRESS"}
    return _server(settings.mail_out_url, settings.mail_out_password, settings.mail_address, names)


def notice_server_of(settings: Settings) -> MailServer | None:
    """The server that notices leave by; None where the settings name none.

    Raises:
        SenderUnusable: as `mail_server_of`.
    """
    names = {"setting": "SMTP_URL", "password": "SMTP_PASSWORD", "sender": "MAIL_FROM"}
    return _server(settings.smtp_url, settings.smtp_password, notices_from(settings), names)


def notices_from(settings: Settings) -> str:
    """The sender of notices, to whom bounces come back."""
    return settings.mail_from or settings.mail_address


def _server(said: str, password: SecretStr, own_address: str, names: Mapping[str, str]) -> MailServer | None:
    if not said:
        return None
    url = urlsplit(said)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise SenderUnusable(fault=Unusable(zh="没有 SMTP 服务器", en="no SMTP server"), **names)
    if "@" not in own_address:
        raise SenderUnusable(
            fault=Unusable(zh=f"{names['sender']} 为空", en=f"{names['sender']} is empty"), **names
        )
    is_encrypted = url.scheme == "smtps"
    return MailServer(
        host=url.hostname,
        port=url.port or (465 if is_encrypted else 25),
        user=unquote(url.username or ""),
        password=password.get_secret_value(),
        is_encrypted=is_encrypted,
    )
