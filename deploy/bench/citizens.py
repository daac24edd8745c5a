"""Who lives lifecycles for `bench lifecycle`: from the citizen's message to the published answer, over HTTP.

create → assign → sign → reply → review → approve → close → search. Everything is done through the API; only "has it
been assigned?" and the like are heard on Kafka, as a department's own system does.
"""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from deploy.bench.event_waiter import EventWaiter
from deploy.bench.http import Client, UnexpectedAnswer, needed
from deploy.bench.intake import body_of, submit
from deploy.bench.messages import BenchMessage
from deploy.bench.submissions import clear
from routing.core.rules import load_rules
from schemas.events.handlers import CaseAssigned, CaseClosed
from schemas.events.routing import ReviewRequested

#: What they wait for.
HEARD = (CaseAssigned, CaseClosed, ReviewRequested)
#: Different messages that are sent, more than one run takes (project choice).
_MESSAGES = 12_000
#: How long one step may take before the measurement has failed (project choice).
_PATIENCE_SECONDS = 60.0
#: How soon a citizen who does not see the answer yet looks again (project choice: sooner than any person).
_LOOK_AGAIN_SECONDS = 0.1
_NOTE = "已派人到现场核实处理。"
_RESPONSE = "您好，您反映的问题我单位已核实并处理完毕，感谢您的监督与支持。"


class Citizens:
    """Writes messages, and plays the departments and the dispatcher who answer them."""

    def __init__(self, web: Client, waiter: EventWaiter, tokens: Mapping[str, Any]) -> None:
        self._web, self._waiter = web, waiter
        self._departments = {code: _bearer(token) for code, token in tokens["departments"].items()}
        self._dispatcher = _bearer(tokens["dispatcher"])
        ready = clear(load_rules(), 11)
        # Made before the clock runs, as far as it goes.
        self._messages = itertools.chain(list(itertools.islice(ready, _MESSAGES)), ready)
        self._numbers = itertools.count(1)
        #: Seconds by step.
        self.waits: dict[str, list[float]] = defaultdict(list)
        self.finished_since = 0

    async def live(self, at_once: int, seconds: float) -> None:
        """Lifecycles one after the other, `at_once` at the same time; none begins after `seconds`."""
        self.finished_since = 0
        until = time.perf_counter() + seconds
        await asyncio.gather(*(self._live_until(until) for _ in range(at_once)))

    async def _live_until(self, until: float) -> None:
        while time.perf_counter() < until:
            await self.live_one()
            self.finished_since += 1

    async def live_one(self) -> None:
        """One case, from the message to the published answer.

        Raises:
            UnexpectedAnswer, TimeoutError: a step was refused or did not happen, or the answer is not found.
        """
        message, word = next(self._messages), f"bench{next(self._numbers)}x"
        with self._timed("create"):
            receipt = await submit(self._web, body_of(_named(message, word)) | {"publish": True})
        code = receipt["tracking_code"]
        with self._timed("assign"):
            assigned: CaseAssigned = await self._waiter.wait(CaseAssigned, code, seconds=_PATIENCE_SECONDS)
        await self._handle(assigned)
        with self._timed("close"):
            await self._waiter.wait(CaseClosed, assigned.case_id, seconds=_PATIENCE_SECONDS)
            await self._follow(receipt)
        with self._timed("search"):
            found = needed(await self._web.get(f"/api/v1/published?q={quote(word)}"), 200)
        if [item["tracking_code"] for item in found["items"]] != [code]:
            raise UnexpectedAnswer(f"a search for {word} finds {found} instead of {code}: {message.title}")

    async def _handle(self, assigned: CaseAssigned) -> None:
        case_id, department = assigned.case_id, self._departments[assigned.lead]
        desk = f"/api/v1/desk/cases/{case_id}/actions"
        with self._timed("sign"):
            signed = needed(
                await self._web.post(f"{desk}/sign", {"version": assigned.version}, department), 200
            )
        reply = {"version": signed["version"], "note": _NOTE, "response": _RESPONSE}
        with self._timed("reply"):
            replied = needed(await self._web.post(f"{desk}/reply", reply, department), 200)
        with self._timed("review"):
            await self._waiter.wait(ReviewRequested, case_id, seconds=_PATIENCE_SECONDS)
        decision = {"version": replied["version"], "decision": "approve"}
        with self._timed("approve"):
            needed(await self._web.post(f"/api/v1/review/replies/{case_id}", decision, self._dispatcher), 200)

    async def _follow(self, receipt: Mapping[str, Any]) -> None:
        """Until the citizen sees that it is settled, and the answer."""
        path = f"/api/v1/submissions/{receipt['tracking_code']}"
        headers = {"access-code": receipt["access_code"]}
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                seen = needed(await self._web.get(path, headers), 200)
                if seen["state"] == "closed" and seen.get("response"):
                    return
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.waits[step].append(time.perf_counter() - started)


def _named(message: BenchMessage, word: str) -> BenchMessage:
    """The message, with a word that no other has: what its answer is searched by."""
    return BenchMessage(
        title=f"{message.title} {word}", text=message.text, place=message.place, contact=message.contact
    )


def _bearer(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"}
