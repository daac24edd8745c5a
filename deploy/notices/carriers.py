"""Sends notices out: one carrier for each channel, and the two ways in which it can fail."""

from dataclasses import dataclass
from typing import Protocol

from deploy.mail.sending import MailServer
from deploy.notices.letters import letter_of
from schemas.notices import KeptNotice, Message


class RefusedForGood(Exception):
    """The receiver takes no such notice, or none for that address, however often it is sent. `reason`: in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(RefusedForGood):
    """The receiver says that the address itself is no more: it is switched off."""


class NotNow(OSError):
    """It may be taken another time. `reason`: in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Carrier(Protocol):
    """Takes notices of one channel to the next server: a mail server, a gateway for text messages, another system."""

    async def carry(self, notice: KeptNotice, message: Message) -> None:
        """Hand one notice over, and return once that server has taken it.

        However it ends, no task of it is left running. It ends long before the lease of the row does, or another process
        would send the notice once more.

        Raises:
            RefusedForGood: it never will.
            PerhapsTaken: it was handed in, and nobody said whether it was taken.
            OSError: not now.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMail:
    """Carries notices by e-mail, over one mail server."""

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
