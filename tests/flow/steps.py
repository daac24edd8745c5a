"""What citizens, departments and dispatchers do in the flow tests, over HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from tests.stack import Stack, eventually

MESSAGE: dict[str, Any] = {
    "title": "小区门口路灯坏了",
    "text": "东湖区望江路幸福家园南门外的路灯坏了一个多星期，晚上看不清路，物业说归市政管。我的电话是13812345678。",
    "contact": {"name": "李明", "phone": "13812345678"},
    "publish": True,
}
RESPONSE = "您好，路灯已修好，感谢监督。"


async def submit(
    http: aiohttp.ClientSession, *, title: str = MESSAGE["title"], headers: Mapping[str, str] | None = None
) -> Any:
    """The citizen writes; the answer's JSON, with both codes."""
    async with http.post("/api/v1/submissions", json=MESSAGE | {"title": title}, headers=headers) as answer:
        accepted = await answer.json()
        assert answer.status == 202, accepted
    return accepted | {"title": title}


async def followed(http: aiohttp.ClientSession, accepted: Any, is_done: Callable[[Any], Any]) -> Any:
    """The citizen looks until `is_done`."""

    async def look() -> Any:
        path = f"/api/v1/submissions/{accepted['tracking_code']}"
        async with http.get(path, headers={"Access-Code": accepted["access_code"]}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    return await eventually(look, is_done=is_done, seconds=30)


async def on_the_desk(
    city: Stack, http: aiohttp.ClientSession, department: str, title: str, *, state: str = "assigned"
) -> Any:
    """The department's line for the case of that title."""

    async def look() -> Any:
        async with http.get(
            f"/api/v1/desk/cases?state={state}&limit=100", headers=city.token(department)
        ) as answer:
            items = (await answer.json())["items"]
            return next((item for item in items if item["title"] == title), None)

    return await eventually(look, seconds=30)


async def act(
    city: Stack, http: aiohttp.ClientSession, department: str, case: Any, action: str, more: dict[str, Any]
) -> Any:
    """The department does something with a case as it last saw it."""
    path = f"/api/v1/desk/cases/{case['case_id']}/actions/{action}"
    body = {"version": case["version"], **more}
    async with http.post(path, json=body, headers=city.token(department)) as answer:
        content = await answer.json()
        assert answer.status == 200, content
        return content


async def approve(city: Stack, http: aiohttp.ClientSession, case_id: str) -> None:
    """The dispatcher approves the reply."""

    async def look() -> Any:
        async with http.get(
            "/api/v1/review/cases?kind=reply&limit=100", headers=city.token("dispatcher")
        ) as answer:
            items = (await answer.json())["items"]
            return next((item for item in items if item["case_id"] == case_id), None)

    item = await eventually(look, seconds=30)
    body = {"version": item["version"], "decision": "approve"}
    async with http.post(
        f"/api/v1/review/replies/{case_id}", json=body, headers=city.token("dispatcher")
    ) as answer:
        assert answer.status == 200, await answer.text()


async def answer_completely(
    city: Stack, http: aiohttp.ClientSession, accepted: Any, *, state: str = "assigned"
) -> Any:
    """From the desk to the closed case; what the citizen sees then."""
    assigned = await followed(http, accepted, lambda seen: seen["state"] == state and seen["due_at"])
    case = await on_the_desk(city, http, assigned["department"], accepted["title"], state=state)
    signed = await act(city, http, assigned["department"], case, "sign", {})
    reply = {"note": "已派人维修。", "response": RESPONSE}
    replied = await act(city, http, assigned["department"], signed, "reply", reply)
    await approve(city, http, replied["case_id"])
    return await followed(http, accepted, lambda seen: seen["state"] == "closed" and seen.get("response"))
