"""The path of one message, step by step as the README prints it, over HTTP on real Kafka and Postgres."""

from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.stack import Stack, eventually

MESSAGE: dict[str, Any] = {
    "title": "小区门口路灯坏了",
    "text": "东湖区望江路幸福家园南门外的路灯坏了一个多星期，晚上看不清路，物业说归市政管。我的电话是13812345678。",
    "contact": {"name": "李明", "phone": "13812345678"},
}


async def test_a_message_is_answered_step_by_step(city: Stack, http: aiohttp.ClientSession) -> None:
    """Submitted, registered, routed, assigned, given a deadline, answered, approved, published, rated."""
    # 1. The citizen writes; 202 only once Kafka has it.
    async with http.post(
        "/api/v1/submissions", json=MESSAGE, headers={"Idempotency-Key": "flow-1"}
    ) as answer:
        accepted = await answer.json()
        assert answer.status == 202, accepted
    assert accepted.keys() >= {"tracking_code", "access_code", "received_at", "follow_url"}

    # 2.–5. Registered, routed, assigned, with a deadline.
    assigned = await _followed(http, accepted, lambda seen: seen["state"] == "assigned" and seen["due_at"])
    assert datetime.fromisoformat(assigned["due_at"]) > datetime.now(UTC)
    department = assigned["department"]
    case = await _on_the_desk(city, http, department, MESSAGE["title"])
    async with http.get(f"/api/v1/desk/cases/{case['case_id']}", headers=city.token(department)) as answer:
        detail = await answer.json()
    assert "13812345678" not in str(detail)
    assert "sign" in detail["allowed_actions"]

    # 6. The department signs and replies; the dispatcher approves.
    signed = await _act(city, http, department, case, "sign", {})
    replied = await _act(
        city,
        http,
        department,
        signed,
        "reply",
        {"note": "已派人维修。", "response": "您好，路灯已修好，感谢监督。"},
    )
    await _approve(city, http, replied["case_id"])

    # 7. The citizen reads the answer and rates it.
    closed = await _followed(http, accepted, lambda seen: seen["state"] == "closed" and seen.get("response"))
    assert closed["response"]["text"] == "您好，路灯已修好，感谢监督。"
    code = accepted["tracking_code"]
    headers = {"Access-Code": accepted["access_code"]}
    async with http.post(f"/api/v1/submissions/{code}/rating", json={"score": 5}, headers=headers) as answer:
        assert answer.status < 300, await answer.text()
    async with http.get("/api/v1/published", params={"q": "路灯"}) as answer:
        published = await answer.json()
        assert answer.status == 200, published
    assert code in [item["tracking_code"] for item in published["items"]]


async def test_an_objection_reopens_the_case_once(city: Stack, http: aiohttp.ClientSession) -> None:
    """Not settled: the same department works on it once more."""
    message = {**MESSAGE, "title": "小区路灯又坏了"}
    async with http.post("/api/v1/submissions", json=message) as answer:
        accepted = await answer.json()
    assigned = await _followed(http, accepted, lambda seen: seen["state"] == "assigned")
    case = await _on_the_desk(city, http, assigned["department"], message["title"])
    signed = await _act(city, http, assigned["department"], case, "sign", {})
    replied = await _act(
        city, http, assigned["department"], signed, "reply", {"note": "已办。", "response": "已处理。"}
    )
    await _approve(city, http, replied["case_id"])
    await _followed(http, accepted, lambda seen: seen["state"] == "closed")
    headers = {"Access-Code": accepted["access_code"]}
    path = f"/api/v1/submissions/{accepted['tracking_code']}/objection"

    async with http.post(path, json={"reason": "路灯还是不亮。"}, headers=headers) as answer:
        assert answer.status < 300, await answer.text()
    await _followed(http, accepted, lambda seen: seen["state"] == "reopened")


async def _followed(http: aiohttp.ClientSession, accepted: Any, is_done: Any) -> Any:
    async def look() -> Any:
        path = f"/api/v1/submissions/{accepted['tracking_code']}"
        async with http.get(path, headers={"Access-Code": accepted["access_code"]}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    return await eventually(look, is_done=is_done, seconds=30)


async def _on_the_desk(city: Stack, http: aiohttp.ClientSession, department: str, title: str) -> Any:
    async def look() -> Any:
        async with http.get("/api/v1/desk/cases?state=assigned", headers=city.token(department)) as answer:
            items = (await answer.json())["items"]
            return next((item for item in items if item["title"] == title), None)

    return await eventually(look, seconds=30)


async def _act(
    city: Stack, http: aiohttp.ClientSession, department: str, case: Any, action: str, more: dict[str, Any]
) -> Any:
    path = f"/api/v1/desk/cases/{case['case_id']}/actions/{action}"
    body = {"version": case["version"], **more}
    async with http.post(path, json=body, headers=city.token(department)) as answer:
        content = await answer.json()
        assert answer.status == 200, content
        return content


async def _approve(city: Stack, http: aiohttp.ClientSession, case_id: str) -> None:
    async def look() -> Any:
        async with http.get("/api/v1/review/cases?kind=reply", headers=city.token("dispatcher")) as answer:
            items = (await answer.json())["items"]
            return next((item for item in items if item["case_id"] == case_id), None)

    item = await eventually(look, seconds=30)
    body = {"version": item["version"], "decision": "approve"}
    async with http.post(
        f"/api/v1/review/replies/{case_id}", json=body, headers=city.token("dispatcher")
    ) as answer:
        assert answer.status == 200, await answer.text()
