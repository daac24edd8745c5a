"""A mailbox, wherever it is: letters that wait in it, and folders that they go to."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from urllib.parse import unquote, urlsplit

from deploy.mail.imap import Imap
from deploy.mail.maildir import Maildir
from deploy.settings import Settings
from schemas.errors import Misconfigured, Unusable

#: The folder of letters of which one sender wrote too many: a person looks at them.
HELD = "Huiyin-held"


class MailboxUnusable(Misconfigured):
    """MAIL_IN_URL names no mailbox that can be read."""

    en = "MAIL_IN_URL: {fault}; it is maildir:///path, or imaps://user@host/INBOX with MAIL_IN_PASSWORD"
    zh = "MAIL_IN_URL 不可用（{fault}）；应为 maildir:///路径，或 imaps://用户@主机/INBOX，密码放在 MAIL_IN_PASSWORD"


class MailSession(Protocol):
    """A mailbox, open. Every method blocks: call it from a thread. Each may raise OSError or `imaplib.IMAP4.error`."""

    def waiting(self, limit: int) -> Sequence[str]:
        """Letters that nobody has taken, the oldest first, by names that hold while the session does."""
        ...

    def fetch(self, name: str, limit: int) -> bytes | None:
        """The letter, of which at most so many bytes; None where it is not there any more."""
        ...

    def lying_in(self, folder: str) -> int:
        """How many letters lie in a folder of the mailbox that letters are put into; none where nobody made it yet."""
        ...

    def settle(self, name: str, folder: str) -> None:
        """Put it into a folder of the mailbox, whole; it does not wait any more."""
        ...


class Mailbox(Protocol):
    """A mailbox that can be opened."""

    @property
    def name(self) -> str:
        """The name under which letters of this mailbox stand as their source, as in `intake.case.source`."""
        ...

    def opened(self) -> AbstractContextManager[MailSession]:
        """The mailbox, for as long as the context lasts. Blocks, and raises, as its methods do."""
        ...


def mailbox_of(settings: Settings) -> Mailbox:
    """The mailbox that the settings name.

    Raises:
        MailboxUnusable: none can be meant by that.
    """
    url = urlsplit(settings.mail_in_url)
    if url.scheme == "maildir" and url.path:
        return Maildir(unquote(url.path))
    if url.scheme not in ("imap", "imaps") or not url.hostname or not url.username:
        raise MailboxUnusable(
            fault=Unusable(
                zh="不是 maildir，也不是 IMAP 服务器上的用户", en="no maildir, and no user at an IMAP server"
            )
        )
    return Imap(
        host=url.hostname,
        port=url.port or (993 if url.scheme == "imaps" else 143),
        user=unquote(url.username),
        password=settings.mail_in_password.get_secret_value(),
        folder=unquote(url.path.lstrip("/")) or "INBOX",
        is_encrypted=url.scheme == "imaps",
    )
