"""The demo's citizens, clerks and dispatcher: everything they do goes through the public API, like anybody's.

They touch only what they sent themselves since they started: a visitor's case waits for the visitor.
"""

import itertools
import random
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import aiohttp
import structlog

from deploy.local.demo.long_matters import CONTRIBUTION, REASON, LongMatters
from deploy.local.demo.supervised import REPORT, OrderedCases
from deploy.processes.runtime import Process

log = structlog.get_logger()

#: Cases that are there soon after the first start, before the trickle begins (project choice: every list shows something).
FIRST_CASES = 40
#: Between two messages of the trickle (project choice: one sees it move, and the disk does not fill).
SECONDS_BETWEEN = 6.0
#: The most that a list answers at once: a visitor's cases at its head must not hide the demo's own (by definition: the API
#: gives no more).
_LISTED = 100
#: What a clerk takes on at a time (project choice: some work stays visible).
_AT_A_TIME = 5
#: Of whom it is looked whether they were answered (project choice: the first).
_ASKED = 20
_AWAY = (aiohttp.ClientError, TimeoutError, OSError)

Message = Mapping[str, str]


async def trickle(process: Process, demo: Mapping[str, Any]) -> None:
    """A few messages at once on the first start, then one every few seconds; clerks answer some of them."""
    script = tomllib.loads(
        (resources.files("deploy.local.demo") / "messages.toml").read_text(encoding="utf-8")
    )
    async with aiohttp.ClientSession(
        process.settings.base_url, timeout=aiohttp.ClientTimeout(total=10)
    ) as session:
        people = DemoPeople(session, demo, script["message"], script["answer"])
        await _act_until_stopped(process, people)


async def _act_until_stopped(process: Process, people: "DemoPeople") -> None:
    await _settle_in(process, people)
    for turn in itertools.count():
        try:
            await people.write()
            if turn % 2 == 0 or turn > FIRST_CASES:
                await people.work()
        except _AWAY as error:
            log.warning("demo.waits", error=type(error).__name__)
        pause = 0.1 if turn < FIRST_CASES and people.is_new else SECONDS_BETWEEN
        if await _stopped_within(process, pause):
            return


async def _settle_in(process: Process, people: "DemoPeople") -> None:
    """Wait until the web answers; it starts at the same time."""
    while True:
        try:
            return await people.look_around()
        except _AWAY:
            if await _stopped_within(process, 0.2):
                return None


async def _stopped_within(process: Process, seconds: float) -> bool:
    await process.pause(seconds)
    return process.stopping.is_set()


class DemoPeople:
    """People with accounts, and what they do next."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        demo: Mapping[str, Any],
        messages: Sequence[Message],
        answers: Sequence[Message],
    ) -> None:
        self._session = session
        self._tokens = demo["tokens"]
        self._messages = itertools.cycle(messages)
        self._answers = answers
        self._dice = random.Random(20261122)  # noqa: S311  a script, not a secret
        self._responses = frozenset(answer["response"].strip() for answer in answers)
        self._long = LongMatters(sorted(demo["tokens"]["departments"]))
        self._supervised = OrderedCases()
        #: Tracking codes of what these citizens sent, with their access codes, in order.
        self._ours: dict[str, str] = {}
        #: Whether nobody had written here before the demo came.
        self.is_new = False

    async def look_around(self) -> None:
        """See whether this is the first start."""
        async with self._session.get("/api/v1/published?limit=1") as answer:
            answer.raise_for_status()
            self.is_new = not (await answer.json())["total"]

    async def write(self) -> None:
        """One citizen leaves a message."""
        message = next(self._messages)
        body: dict[str, Any] = {"title": message["title"], "text": message["text"], "publish": True}
        if "phone" in message:
            body["contact"] = {"phone": message["phone"], "name": message.get("name")}
        async with self._session.post("/api/v1/submissions", json=body) as answer:
            answer.raise_for_status()
            codes = await answer.json()
            self._ours[codes["tracking_code"]] = codes.get("access_code", "")

    async def work(self) -> None:
        """A clerk of one department does the next thing with some case; the dispatcher reviews some replies."""
        for code in self._dice.sample(sorted(self._tokens["departments"]), 6):
            await self._clerk(code)
        await self._dispatcher()
        await self._citizen()

    async def _clerk(self, code: str) -> None:
        token = self._tokens["departments"][code]
        for case in (await self._own(f"/api/v1/desk/cases?limit={_LISTED}", token))[:_AT_A_TIME]:
            if self._dice.random() < 0.3:
                continue
            if case["state"] in ("assigned", "reopened"):
                await self._act(case, "sign", token, {})
            elif case["state"] == "in_progress":
                await self._work_on(case, code, token)

    async def _work_on(self, case: Mapping[str, Any], code: str, token: str) -> None:
        """Go on with a long matter, hand in a part, or answer."""
        whole = await self._get(f"/api/v1/desk/cases/{case['case_id']}", token)
        if not whole or (whole["lead"] != code and "part" not in whole["allowed_actions"]):
            return
        if whole["lead"] == code and await self._is_supervised(whole, token):
            return
        if whole["lead"] != code:
            if self._dice.random() < 0.3:
                await self._act(whole, "part", token, {"text": CONTRIBUTION})
        elif self._long.begin(whole):
            await self._go_on(whole, token)
        elif self._dice.random() < 0.6:
            await self._act(whole, "reply", token, dict(self._dice.choice(self._answers)))

    async def _is_supervised(self, case: Mapping[str, Any], token: str) -> bool:
        """The supervisor gives an order, or its department reports on one; whether it is left alone otherwise."""
        case_id = case["case_id"]
        if note := self._supervised.order_for(case):
            path = f"/api/v1/sla/cases/{case_id}/supervise"
            if await self._post(path, self._tokens["supervisor"], {"note": note}):
                self._supervised.was_ordered(case_id)
        elif self._supervised.reports_on(case) and await self._act(
            case, "report-back", token, {"text": REPORT}
        ):
            self._supervised.has_reported()
        return self._supervised.is_left_alone(case_id)

    async def _citizen(self) -> None:
        """Somebody who was answered says how it went, and objects where it is not settled."""
        opinion = self._supervised.opinion()
        if opinion is None:
            return
        for tracking_code, access_code in itertools.islice(self._ours.items(), _ASKED):
            path, codes = f"/api/v1/submissions/{tracking_code}", {"Access-Code": access_code}
            async with self._session.get(path, headers=codes) as answer:
                case = await answer.json() if answer.status == 200 else {}
            if "rating" not in case.get("allowed_actions", ()) or case["pending"] or case["rating"]:
                continue
            said = {"score": opinion.score, "comment": opinion.comment}
            if await self._say(f"{path}/rating", codes, said):
                self._supervised.was_said()
                if opinion.objection:
                    await self._say(f"{path}/objection", codes, {"reason": opinion.objection})
            return

    async def _say(self, path: str, codes: Mapping[str, str], body: dict[str, Any]) -> bool:
        """Say it as the citizen of these codes; whether it was taken."""
        async with self._session.post(path, json=body, headers=codes) as answer:
            return answer.status == 200

    async def _go_on(self, case: Mapping[str, Any], token: str) -> None:
        deed = self._long.next_deed(case)
        if deed is not None:
            fields = deed.fields or dict(self._dice.choice(self._answers))
            if await self._act(case, deed.action, token, fields):
                self._long.was_done(case["case_id"])

    async def _dispatcher(self) -> None:
        token = self._tokens["dispatcher"]
        for item in await self._own(f"/api/v1/review/cases?kind=promise&limit={_LISTED}", token):
            if item["detail"].get("reason") == REASON:
                body = {"version": item["version"], "accept": True}
                await self._post(f"/api/v1/review/cases/{item['case_id']}/decision", token, body)
        for item in await self._own(f"/api/v1/review/cases?kind=reply&limit={_LISTED}", token):
            if self._is_our_reply(item) and self._dice.random() < 0.7:
                body = {"version": item["version"], "decision": "approve"}
                await self._post(f"/api/v1/review/replies/{item['case_id']}", token, body)

    def _is_our_reply(self, item: Mapping[str, Any]) -> bool:
        """Whether a clerk of the demo wrote it: a visitor may answer one of our cases."""
        return (item["detail"].get("response") or "").strip() in self._responses

    async def _own(self, path: str, token: str) -> list[Mapping[str, Any]]:
        """Of a list, the cases that these citizens sent."""
        items = (await self._get(path, token)).get("items", [])
        return [item for item in items if item["tracking_code"] in self._ours]

    async def _act(self, case: Mapping[str, Any], action: str, token: str, more: dict[str, Any]) -> bool:
        body = {"version": case["version"], **more}
        return await self._post(f"/api/v1/desk/cases/{case['case_id']}/actions/{action}", token, body)

    async def _get(self, path: str, token: str) -> Any:
        async with self._session.get(path, headers={"Authorization": f"Bearer {token}"}) as answer:
            return await answer.json() if answer.status == 200 else {}

    async def _post(self, path: str, token: str, body: dict[str, Any]) -> bool:
        """Whether it was done; what was meanwhile done by somebody else is no trouble."""
        async with self._session.post(
            path, json=body, headers={"Authorization": f"Bearer {token}"}
        ) as answer:
            if answer.status not in (200, 202, 409):
                log.warning("demo.refused", path=path, status=answer.status)
            return answer.status in (200, 202)
