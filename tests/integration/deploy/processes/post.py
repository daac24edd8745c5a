"""A mailbox for tests, and the process that empties it into a city without a Kafka."""

import mailbox
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from deploy.database.outbox import RelayNotifier
from deploy.mail.maildir import Maildir
from deploy.processes.mail import MailDoor
from deploy.processes.runtime import Process
from tests.integration.deploy.web.carrying import carry
from tests.integration.deploy.web.city_of_files import FileCity


class Post:
    """A Maildir, and the process that empties it."""

    def __init__(self, city: FileCity, folder: Path, port: int = 0, **more: object) -> None:
        self._city = city
        self.folder = folder
        self.box = mailbox.Maildir(folder)
        self.settings = city.settings.model_copy(
            update={
                "mail_in_url": f"maildir://{folder}",
                "mail_address": "hotline@city.example",
                "mail_out_url": f"smtp://127.0.0.1:{port}" if port else "",
                **more,
            }
        )
        self.process = Process(name="mail", settings=self.settings, pool=city.pool)

    def door(self) -> MailDoor:
        """A process that has just been started."""
        return MailDoor(self.process, self._city.kafka, RelayNotifier(self._city.pool))

    async def look(self, door: MailDoor | None = None) -> list[Any]:
        """One look; what is said then, by everybody."""
        await (door or self.door()).turn()
        return await carry(self._city)

    def bring(self, letter: EmailMessage | bytes) -> None:
        """Deliver it."""
        self.box.add(letter if isinstance(letter, bytes) else letter.as_bytes(policy=SMTP))

    def folders(self) -> dict[str, int]:
        """How many letters lie where."""
        found = {"INBOX": len(Maildir(str(self.folder)).waiting(99))}
        return found | {name: len(self.box.get_folder(name)) for name in self.box.list_folders()}


def of(said: list[Any], kind: type[Any]) -> list[Any]:
    """Those of that kind."""
    return [event for event in said if isinstance(event, kind)]


def killed(self: Maildir, name: str, folder: str) -> None:
    """Before a letter is put away."""
    raise OSError("killed")
