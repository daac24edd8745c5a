"""A city whose notices leave it: the whole site, real receivers, and a sender whose clock the test sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from deploy.notices import store
from deploy.notices.delivery import AT_ONCE, Delivery
from deploy.processes.notify import delivery_of
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId
from tests.integration.deploy.web.carrying import LAMP, carry
from tests.integration.deploy.web.city_of_files import FileCity

WRITER = {"contact": {"name": "王芳", "phone": "13800138000", "email": "wang.fang@example.org"}}


@dataclass
class Office:
    """What sends notices, at a moment that passes when the test says so."""

    city: FileCity
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The time here."""
        return datetime.now(UTC) + self.ahead

    def delivery(self) -> Delivery:
        """A process that has just been started."""
        return delivery_of(self.city.settings, self.city.pool, self.now)

    async def send(self, delivery: Delivery | None = None) -> int:
        """All that is due."""
        delivery, total = delivery or self.delivery(), 0
        while sent := await delivery.turn():
            total += sent
            if sent < AT_ONCE:
                break
        return total

    async def case(self, **more: object) -> tuple[Mapping[str, str], CaseId]:
        """The codes of a new message at housing, and its case's id."""
        _, codes = await self.city.submit(**{**LAMP, **WRITER, **more})
        said = await carry(self.city)
        return codes, next(event.case_id for event in said if isinstance(event, CaseRegistered))

    async def rows(self, case_id: CaseId | None = None) -> list[dict[str, Any]]:
        """The notices, the oldest first."""
        rows = [dict(row) for row in await store.listed(self.city.pool, limit=1000)]
        return [row for row in reversed(rows) if case_id is None or str(row["case_id"]) == case_id]

    async def states(self, case_id: CaseId | None = None) -> dict[str, str]:
        """What became of each occasion."""
        return {row["occasion"]: row["state"] for row in await self.rows(case_id)}

    async def forget(self) -> None:
        """No notice of an earlier test."""
        await self.city.pool.execute("DELETE FROM deploy.notice")
        await self.city.pool.execute("DELETE FROM deploy.notice_endpoint")

    async def desk(self, case_id: CaseId, action: str, **body: object) -> None:
        """Housing does that to its case, and everybody hears of it."""
        headers = {"authorization": f"Bearer {self.city.tokens['housing']}"}
        _, case = await self.city.desk(case_id)
        url = f"/api/v1/desk/cases/{case_id}/actions/{action}"
        async with self.city.http.post(
            url, json={"version": case["version"], **body}, headers=headers
        ) as answer:
            assert answer.status == 200, await answer.text()
        await carry(self.city)

    async def approve(self, case_id: CaseId, **body: object) -> None:
        """A dispatcher lets the reply pass, or does what `body` says."""
        headers = {"authorization": f"Bearer {self.city.tokens['dispatcher']}"}
        _, case = await self.city.desk(case_id)
        said = {"version": case["version"], "decision": "approve", **body}
        async with self.city.http.post(
            f"/api/v1/review/replies/{case_id}", json=said, headers=headers
        ) as answer:
            assert answer.status == 200, await answer.text()
        await carry(self.city)

    async def answer(self, case_id: CaseId) -> None:
        """From the desk to the citizen."""
        await self.desk(case_id, "sign")
        await self.desk(case_id, "reply", note="已更换灯泡", response="楼道灯已经修好，请查看。")
        await self.approve(case_id)


def letters(raw: list[bytes]) -> list[EmailMessage]:
    """Read as a mail program does."""
    return [message_from_bytes(each, policy=default) for each in raw]


def plain(letter: EmailMessage) -> str:
    """Subject and plain text."""
    body = letter.get_body(("plain",))
    assert body is not None
    return f"{letter['Subject']}\n{body.get_content()}"
