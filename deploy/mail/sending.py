"""The server that takes our answers (SMTP, RFC 5321), by the standard library's client, in a thread."""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from deploy.mail.places import is_here
from deploy.settings import Settings
from schemas.errors import HuiyinError

#: Project choice, as of the mailbox.
_SECONDS = 30.0


class SenderUnusable(HuiyinError, ValueError):
    """The setting names no server that could take a letter."""

    en = "{setting}: {fault}; it is smtps://user@host or smtp://host, with {password}, and {sender} is ours"
    zh = "{setting} 不可用（{fault}）；应为 smtps://用户@主机 或 smtp://主机，密码放在 {password}，本机构地址放在 {sender}"


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

        Raises:
            OSError: it did not answer, or said to come again.
        """
        return await asyncio.to_thread(self._send, letter)

    def _send(self, letter: EmailMessage) -> bool:
        try:
            with self._connected() as client:
                client.send_message(letter)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            codes = _codes(error)
            if codes and all(code >= 500 for code in codes):
                return False
            raise OSError(f"SMTP {codes}") from error
        except smtplib.SMTPNotSupportedError:
            return False
        except smtplib.SMTPException as error:
            raise OSError(type(error).__name__) from error
        return True

    async def check(self) -> None:
        """Return where the server lets us in.

        Raises:
            OSError: it does not, and why.
        """
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        try:
            with self._connected() as client:
                client.noop()
        except smtplib.SMTPException as error:
            raise OSError(str(error)) from error

    def _connected(self) -> smtplib.SMTP:
        client = self._opened()
        try:
            self._encrypt(client)
            if self.user:
                client.login(self.user, self.password)
        except (OSError, smtplib.SMTPException):
            client.close()
            raise
        return client

    def _opened(self) -> smtplib.SMTP:
        if not self.is_encrypted:
            return smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        return smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=ssl.create_default_context())

    def _encrypt(self, client: smtplib.SMTP) -> None:
        if self.is_encrypted:
            return
        client.ehlo()
        if client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
        elif not is_here(self.host):
            raise OSError("the server offers no TLS: name it as smtps://, or reach it by a tunnel")


def _codes(error: smtplib.SMTPException) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


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
        raise SenderUnusable(fault="no SMTP server", **names)
    if "@" not in own_address:
        raise SenderUnusable(fault=f"{names['sender']} is empty", **names)
    is_encrypted = url.scheme == "smtps"
    return MailServer(
        host=url.hostname,
        port=url.port or (465 if is_encrypted else 25),
        user=unquote(url.username or ""),
        password=password.get_secret_value(),
        is_encrypted=is_encrypted,
    )
