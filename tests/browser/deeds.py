"""What citizens, departments and dispatchers do over the API, so that a page has something to show."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import asyncpg

from deploy.database.unit_of_work import PostgresUnit
from sla.core.calendar import china_calendar
from sla.steps.report import make_reports
from tests.stack import Stack, eventually

#: What a department wrote down for everybody.
QUESTION = "公交车末班车太早怎么反映"
ANSWER = "末班车时间每年3月和9月调整，意见由公交公司汇总。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case and how to reach it. `department`: empty while a dispatcher has it."""

    case_id: str
    tracking_code: str
    access_code: str
    department: str
    version: int


class Deeds:
    """Everybody but the one at the browser."""

    def __init__(self, city: Stack, http: aiohttp.ClientSession) -> None:
        self._city = city
        self._http = http

    async def submit(self, title: str, text: str, **more: Any) -> Case:
        """A message, once a department or a dispatcher has it."""
        body = {"title": title, "text": text, "publish": True, **more}
        async with self._http.post("/api/v1/submissions", json=body) as answer:
            codes = await answer.json()
            assert answer.status == 202, codes

        async def look() -> Any:
            headers = {"Access-Code": codes["access_code"]}
            async with self._http.get(
                f"/api/v1/submissions/{codes['tracking_code']}", headers=headers
            ) as answer:
                return await answer.json()

        seen = await eventually(look, is_done=lambda seen: seen.get("state") in ("assigned", "in_review"))
        row = await self._city.sql(
            "SELECT case_id::text FROM routing.case WHERE tracking_code = $1", codes["tracking_code"]
        )
        return Case(
            case_id=row[0][0],
            tracking_code=codes["tracking_code"],
            access_code=codes["access_code"],
            department=seen["department"] or "",
            version=seen["version"],
        )

    async def act(self, case: Case, action: str, **more: Any) -> None:
        """The department does something with it."""
        await self._act_as(case.department, f"/api/v1/desk/cases/{case.case_id}", action, more)

    async def _act_as(self, department: str, path: str, action: str, more: dict[str, Any]) -> None:
        token = self._city.token(department)
        async with self._http.get(path, headers=token) as answer:
            version = (await answer.json())["version"]
        async with self._http.post(
            f"{path}/actions/{action}", json={"version": version, **more}, headers=token
        ) as answer:
            assert answer.status == 200, await answer.text()

    async def reply(self, case: Case, response: str) -> None:
        """Signed for and replied to; a dispatcher has the reply."""
        await self.act(case, "sign")
        await self.act(case, "reply", note="已到现场办理。", response=response)
        await self.awaits_review(case)

    async def ask_for_a_date(self, case: Case) -> None:
        """The department asks to promise one, three months ahead; a dispatcher has the request."""
        day = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
        await self.act(
            case, "promise", date=day, plan="先订购灯具，再施工。", reason="需要招标", basis="年度计划"
        )
        await self.awaits_review(case)

    async def grant(self, case: Case) -> None:
        """A dispatcher says yes, and the department's case follows."""
        item = await self.awaits_review(case)
        async with self._http.post(
            f"/api/v1/review/cases/{case.case_id}/decision",
            json={"version": item["version"], "kind": item["kind"], "accept": True},
            headers=self._city.token("dispatcher"),
        ) as answer:
            assert answer.status == 200, await answer.text()

        async def listed() -> bool:
            query = "SELECT count(*) FROM intake.promise WHERE case_id = $1::uuid"
            return await self._city.number(query, case.case_id) > 0

        await eventually(listed)

    async def share(self, case: Case, department: str) -> None:
        """That department supports it, has done one part, and is asked for another."""
        path = f"/api/v1/desk/cases/{case.case_id}"
        await self.act(case, "co-handle", departments=[department], reason="涉及管线")
        await self.act(case, "ask-part", departments=[department], text="请核实管线")
        await self._act_as(department, path, "part", {"text": "管线完好。"})
        await self.act(case, "ask-part", departments=[department], text="请标出位置")

    async def awaits_review(self, case: Case) -> dict[str, Any]:
        """What a dispatcher is asked about it, once it is asked."""

        async def look() -> Any:
            async with self._http.get(
                "/api/v1/review/cases?limit=100", headers=self._city.token("dispatcher")
            ) as answer:
                items = (await answer.json())["items"]
                return next((item for item in items if item["case_id"] == case.case_id), None)

        found: dict[str, Any] = await eventually(look)
        return found

    async def answer(self, case: Case, response: str) -> None:
        """Replied to and approved: the citizen can read it, and everybody, if it may be published."""
        await self.reply(case, response)
        item = await self.awaits_review(case)
        async with self._http.post(
            f"/api/v1/review/replies/{case.case_id}",
            json={"version": item["version"], "decision": "approve"},
            headers=self._city.token("dispatcher"),
        ) as answer:
            assert answer.status == 200, await answer.text()

        async def published() -> bool:
            async with self._http.get(f"/api/v1/published/{case.tracking_code}") as answer:
                return answer.status == 200

        await eventually(published)

    async def publish_entry(self, department: str) -> str:
        """The department writes an entry, and a dispatcher lets everybody read it, once they can; its id."""
        entry = await self._post("/api/v1/desk/entries", department, _entry(datetime.now(UTC).date()))
        path = f"entries/{entry['entry_id']}"
        proposal = {"version": entry["version"]}
        proposed = await self._post(f"/api/v1/desk/{path}/actions/propose", department, proposal)
        decision = {"version": proposed["version"], "decision": "approve"}
        await self._post(f"/api/v1/review/{path}/decision", "dispatcher", decision)

        async def known() -> bool:
            query = "SELECT count(*) FROM intake.entry WHERE entry_id = $1"
            return await self._city.number(query, entry["entry_id"]) > 0

        await eventually(known)
        return str(entry["entry_id"])

    async def rewrite_entry(self, department: str, entry: str, answer: str) -> None:
        """A colleague saves another answer."""
        path = f"/api/v1/desk/entries/{entry}"
        async with self._http.get(path, headers=self._city.token(department)) as known:
            version = (await known.json())["version"]
        body = {**_entry(datetime.now(UTC).date()), "answer": answer, "version": version}
        await self._post(f"{path}/actions/save", department, body)

    async def _post(self, path: str, user: str, body: dict[str, Any]) -> Any:
        async with self._http.post(path, json=body, headers=self._city.token(user)) as answer:
            assert answer.status in (200, 201), await answer.text()
            return await answer.json()

    async def send_back(self, case: Case, reason: str) -> None:
        """A dispatcher does not approve the reply, and the department has the case again."""
        item = await self.awaits_review(case)
        async with self._http.post(
            f"/api/v1/review/replies/{case.case_id}",
            json={"version": item["version"], "decision": "send_back", "remarks": reason},
            headers=self._city.token("dispatcher"),
        ) as answer:
            assert answer.status == 200, await answer.text()
        query = "SELECT count(*) FROM handlers.case WHERE case_id = $1::uuid AND state = 'in_progress'"

        async def has_it() -> bool:
            return await self._city.number(query, case.case_id) > 0

        await eventually(has_it)

    async def object(self, case: Case, reason: str) -> None:
        """The citizen objects to the answer that everybody may read, and everybody sees that."""
        async with self._http.post(
            f"/api/v1/submissions/{case.tracking_code}/objection",
            json={"reason": reason},
            headers={"Access-Code": case.access_code},
        ) as answer:
            assert answer.status == 200, await answer.text()

        async def shown() -> bool:
            async with self._http.get(f"/api/v1/published/{case.tracking_code}") as answer:
                return bool((await answer.json())["objected"])

        await eventually(shown)

    async def ends(self, case: Case) -> None:
        """It was answered, and the figures have heard of its end."""
        closed = "SELECT count(*) FROM sla.case WHERE case_id = $1::uuid AND outcome = 'answered'"

        async def is_closed() -> bool:
            return await self._city.number(closed, case.case_id) > 0

        await eventually(is_closed)

    async def make_report(self) -> int:
        """This week's, as it will be made when the week is over; its number."""
        db = await asyncpg.connect(self._city.database_url)
        try:
            unit = PostgresUnit(db, datetime.now(UTC) + timedelta(days=7))
            await make_reports(unit, calendar=china_calendar(), reached=unit.now)
        finally:
            await db.close()
        return await self._city.number("SELECT max(seq) FROM sla.report WHERE period = 'week'")

    async def second_supervisor(self, username: str) -> None:
        """Another one, who signs in with the same password."""
        await self._city.sql(
            "INSERT INTO deploy.account (username, password_hash, role, demo) SELECT $1, password_hash, role, demo"
            " FROM deploy.account WHERE username = 'supervisor' ON CONFLICT DO NOTHING",
            username,
        )

    async def draw(self, case: Case) -> None:
        """It was drawn yesterday, to be called back by telephone."""
        await self.ends(case)
        await self._city.sql(
            "INSERT INTO sla.call_back (case_id, number, day, why, state, drawn_at, closed_at, department, leads)"
            " SELECT case_id, 1, current_date - 1, 'sample', 'open', now(), closed_at, lead, leads FROM sla.case"
            " WHERE case_id = $1::uuid",
            case.case_id,
        )

    async def make_late(self, case: Case) -> None:
        """Its reply was due yesterday, and the sweeper has noticed."""
        running = "SELECT count(*) FROM sla.clock WHERE case_id = $1::uuid AND clock = 'reply'"

        async def runs() -> bool:
            return await self._city.number(running, case.case_id) > 0

        await eventually(runs)
        await self._city.sql(
            "UPDATE sla.clock SET due_at = now() - interval '1 day', next_alert_at = now(), next_level = 'missed'"
            " WHERE case_id = $1::uuid AND clock = 'reply'",
            case.case_id,
        )

        async def noticed() -> bool:
            query = "SELECT count(*) FROM sla.clock WHERE case_id = $1::uuid AND missed_at IS NOT NULL"
            return await self._city.number(query, case.case_id) > 0

        await eventually(noticed)


def _entry(today: date) -> dict[str, Any]:
    return {
        "questions": [QUESTION],
        "answer": ANSWER,
        "valid_from": f"{today}",
        "valid_until": f"{today + timedelta(days=90)}",
        "checked_on": f"{today - timedelta(days=1)}",
    }
