"""What takes notices out of the house: one carrier for each channel, and the two ways in which it can fail."""

from dataclasses import dataclass
from typing import Protocol

from deploy.mail.sending import MailServer, notice_server_of, notices_from
from deploy.notices.letters import letter_of
from deploy.settings import Settings
from schemas.notices import KeptNotice, Message, NoticeChannel


class RefusedForGood(Exception):
    """The receiver takes no such notice, or none for that address, however often it is sent. `reason`: in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Carrier(Protocol):
    """Takes one notice to the next server."""

    async def carry(self, notice: KeptNotice, message: Message) -> None:
        """Return once that server has it.

        Raises:
            RefusedForGood: it never will.
            OSError, TimeoutError: not now.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMail:
    """E-mail."""

    server: MailServer
    sender: str

    async def carry(self, notice: KeptNotice, message: Message) -> None:
        """As `Carrier`; an address in which there is more than an address is refused here."""
        try:
            letter = letter_of(notice, message, sender=self.sender)
        except ValueError as error:
            raise RefusedForGood("address") from error
        if not await self.server.send(letter):
            raise RefusedForGood("refused")


def carriers_of(settings: Settings) -> dict[NoticeChannel, Carrier]:
    """Those that the settings name.

    Raises:
        SenderUnusable: SMTP_URL names no server.
    """
    carriers: dict[NoticeChannel, Carrier] = {}
    if server := notice_server_of(settings):
        carriers[NoticeChannel.EMAIL] = ByMail(server=server, sender=notices_from(settings))
    return carriers
