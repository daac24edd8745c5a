"""Letters to one citizen about one case arrive in the order in which things happened."""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace

from schemas.notices import KeptNotice, Message, NoticeChannel
from tests.integration.deploy.notices.office import Office


async def test_news_of_one_case_arrives_in_order(office: Office) -> None:
    """However long the server thinks about the first letter: "with a department" makes no sense before "received"."""
    carrier = _Pensive()
    await office.case()
    delivery = office.delivery()
    await office.send(replace(delivery, carriers={NoticeChannel.EMAIL: carrier}))

    assert ["received", "received taken", "assigned", "assigned taken"] == carrier.heard


@dataclass
class _Pensive:
    """Takes a letter once another one begins, or nobody has begun one for half a second."""

    heard: list[str] = field(default_factory=list)
    another: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, notice: KeptNotice, _: Message) -> None:
        self.another.set()
        self.another = asyncio.Event()
        self.heard.append(notice.occasion.value)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.another.wait(), 0.5)
        self.heard.append(f"{notice.occasion.value} taken")
