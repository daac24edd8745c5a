"""What happens to the planted messages, with the canaries repeated wherever somebody writes something."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.flow.canaries import Planted
from tests.stack import Stack, eventually


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One case, and everybody who does something with it."""

    city: Stack
    http: aiohttp.ClientSession
    message: Planted
    case_id: str
    tracking_code: str
    lead: str

    async def desk(self, action: str, **body: Any) -> None:
        """The department does something with the case as it is now."""
        headers = self.city.token(self.lead)
        path = f"/api/v1/desk/cases/{self.case_id}"

        async def look() -> Any:
            async with self.http.get(path, headers=headers) as answer:
                return await answer.json()

        case = await eventually(
            look, is_done=lambda case: action in case.get("allowed_actions", ()), seconds=30
        )
        body["version"] = case["version"]
        await self._post(f"{path}/actions/{action}", headers, body)

    async def review(self, kind: str, path: str, **body: Any) -> None:
        """The dispatcher decides what waits."""
        headers = self.city.token("dispatcher")

        async def look() -> Any:
            async with self.http.get(
                f"/api/v1/review/cases?kind={kind}&limit=100", headers=headers
            ) as answer:
                items = (await answer.json())["items"]
                return next((item for item in items if item["case_id"] == self.case_id), None)

        body["version"] = (await eventually(look, seconds=30))["version"]
        await self._post(path.format(self.case_id), headers, body)

    async def citizen(self, action: str, **body: Any) -> None:
        """The citizen does something, where the door gave codes."""
        if self.message.codes:
            headers = {"Access-Code": self.message.codes["access_code"]}
            await self._post(f"/api/v1/submissions/{self.tracking_code}/{action}", headers, body)

    async def supervisor(self, action: str, **body: Any) -> None:
        """A supervisor does something."""
        await self._post(f"/api/v1/sla/cases/{self.case_id}/{action}", self.city.token("supervisor"), body)

    async def is_public(self) -> None:
        """Return once everybody may read the answer."""

        async def look() -> int:
            async with self.http.get(f"/api/v1/published/{self.tracking_code}") as answer:
                return answer.status

        await eventually(look, is_done=lambda status: status == 200, seconds=30)

    async def _post(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
        async with self.http.post(path, json=body, headers=headers) as answer:
            assert answer.status < 300, (path, await answer.text())


_DECISION, _REPLY = "/api/v1/review/cases/{}/decision", "/api/v1/review/replies/{}"


async def _answered(life: Life) -> None:
    words, home, name = life.message.repeated, life.message.home.written, life.message.bare_name.written
    response = f"您好，{name}：已派人到望江路18号幸福家园{home}维修，路灯已亮。{words}"
    await life.desk("sign")
    await life.desk("note", text=words)
    await life.desk("co-handle", departments=["transport"], reason=words)
    await life.desk("reply", note=words, response=response)
    await life.review("reply", _REPLY, decision="send_back", remarks=words)
    await life.desk("reply", note=words, response=response)
    await life.review("reply", _REPLY, decision="approve", remarks=words)
    await life.is_public()
    await life.citizen("rating", score=2, comment=words)
    await life.citizen("objection", reason=words)


async def _returned(life: Life) -> None:
    words = life.message.repeated
    await life.desk("return", reason=words, basis=words)
    await life.review("return", _DECISION, accept=False, remarks=words)


async def _delayed(life: Life) -> None:
    words = life.message.repeated
    await life.desk("sign")
    await life.desk("extend", working_days=3, reason=words)
    await life.review("extension", _DECISION, accept=False, remarks=words)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await life.desk("suspend", reason=words, basis=words, until=until)


async def _urged(life: Life) -> None:
    await life.supervisor("urge", note=life.message.repeated)
    await life.supervisor("supervise", note=life.message.repeated)
    await life.citizen("withdrawal", reason=life.message.repeated)


LIVES: Sequence[Callable[[Life], Awaitable[None]]] = (_answered, _returned, _delayed, _urged)


#: So many of the first are answered, one from each door.
ANSWERED = 5


async def live(city: Stack, http: aiohttp.ClientSession, messages: Sequence[Planted]) -> Sequence[Life]:
    """Let these cases live, at once, and tell which they are: by every door one is answered."""
    lives = [await _assigned(city, http, message) for message in messages]
    steps = [LIVES[0] if number < ANSWERED else LIVES[1 + number % 3] for number in range(len(lives))]
    await asyncio.gather(*(_with_supplement(life, step) for life, step in zip(lives, steps, strict=True)))
    return lives


async def _with_supplement(life: Life, step: Callable[[Life], Awaitable[None]]) -> None:
    await life.citizen("supplement", text=life.message.repeated)
    await step(life)


async def _assigned(city: Stack, http: aiohttp.ClientSession, message: Planted) -> Life:
    query = """
        SELECT h.case_id, h.tracking_code, h.lead FROM intake."case" c JOIN handlers."case" h USING (case_id)
        WHERE c.title LIKE $1
    """

    async def look() -> list[Any]:
        return await city.sql(query, f"望江路路灯坏了{message.number}，%")

    (row,) = await eventually(look, seconds=30)
    return Life(
        city=city, http=http, message=message, case_id=str(row["case_id"]), tracking_code=row["tracking_code"],
        lead=row["lead"],
    )  # fmt: skip


async def departments_of(city: Stack) -> Mapping[int, frozenset[str]]:
    """By message: the departments that have it."""
    rows = await city.sql(
        """
        SELECT substring(c.title FROM '^望江路路灯坏了([0-9]+)，') AS number, h.lead, h.supporting
        FROM intake."case" c JOIN handlers."case" h USING (case_id) WHERE c.title LIKE '望江路路灯坏了%'
        """
    )
    return {int(row["number"]): frozenset({row["lead"], *row["supporting"]}) for row in rows}
