"""The path of one message, step by step as the README prints it, over HTTP on real Kafka and Postgres."""

from datetime import UTC, datetime

import aiohttp

from tests.flow.steps import RESPONSE, act, answer_completely, approve, followed, on_the_desk, submit
from tests.stack import Stack


async def test_a_message_is_answered_step_by_step(city: Stack, http: aiohttp.ClientSession) -> None:
    """Submitted, registered, routed, assigned, given a deadline, answered, approved, published, rated."""
    # 1. The citizen writes; 202 only once Kafka has it.
    accepted = await submit(http, headers={"Idempotency-Key": "flow-1"})
    assert accepted.keys() >= {"tracking_code", "access_code", "received_at", "follow_url"}

    # 2.–5. Registered, routed, assigned, with a deadline.
    assigned = await followed(http, accepted, lambda seen: seen["state"] == "assigned" and seen["due_at"])
    assert datetime.fromisoformat(assigned["due_at"]) > datetime.now(UTC)
    department = assigned["department"]
    case = await on_the_desk(city, http, department, accepted["title"])
    async with http.get(f"/api/v1/desk/cases/{case['case_id']}", headers=city.token(department)) as answer:
        detail = await answer.json()
    assert "13812345678" not in str(detail)
    assert "sign" in detail["allowed_actions"]

    # 6. The department signs and replies; the dispatcher approves.
    signed = await act(city, http, department, case, "sign", {})
    replied = await act(
        city, http, department, signed, "reply", {"note": "已派人维修。", "response": RESPONSE}
    )
    await approve(city, http, replied["case_id"])

    # 7. The citizen reads the answer and rates it.
    closed = await followed(http, accepted, lambda seen: seen["state"] == "closed" and seen.get("response"))
    assert closed["response"]["text"] == RESPONSE
    code = accepted["tracking_code"]
    headers = {"Access-Code": accepted["access_code"]}
    async with http.post(f"/api/v1/submissions/{code}/rating", json={"score": 5}, headers=headers) as answer:
        assert answer.status < 300, await answer.text()
    async with http.get("/api/v1/published", params={"q": "路灯"}) as answer:
        published = await answer.json()
        assert answer.status == 200, published
    assert code in [item["tracking_code"] for item in published["items"]]


async def test_the_same_key_gives_the_same_answer_and_one_case(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """A retry is answered like the first; another body under the same key is refused."""
    first = await submit(http, title="重复提交的路灯", headers={"Idempotency-Key": "flow-twice"})
    again = await submit(http, title="重复提交的路灯", headers={"Idempotency-Key": "flow-twice"})
    await followed(http, first, lambda seen: seen["state"] == "assigned")
    code = first["tracking_code"]

    assert (code, first["access_code"]) == (again["tracking_code"], again["access_code"])
    assert await city.number('SELECT count(*) FROM intake."case" WHERE tracking_code = $1', code) == 1
    body = {"title": "另一件事", "text": "内容不同。"}
    async with http.post(
        "/api/v1/submissions", json=body, headers={"Idempotency-Key": "flow-twice"}
    ) as answer:
        assert answer.status == 409


async def test_an_objection_reopens_the_case_once(city: Stack, http: aiohttp.ClientSession) -> None:
    """Not settled: the same department answers once more, and that answer stands."""
    accepted = await submit(http, title="小区路灯又坏了")
    await answer_completely(city, http, accepted)
    headers = {"Access-Code": accepted["access_code"]}
    path = f"/api/v1/submissions/{accepted['tracking_code']}/objection"

    async with http.post(path, json={"reason": "路灯还是不亮。"}, headers=headers) as answer:
        assert answer.status < 300, await answer.text()
    reopened = await followed(http, accepted, lambda seen: seen["state"] == "reopened")
    closed = await answer_completely(city, http, accepted, state="reopened")
    async with http.post(path, json={"reason": "第二次不满意。"}, headers=headers) as answer:
        refused = await answer.json()

    assert (answer.status, refused["code"]) == (409, "not-allowed-now")
    assert reopened["department"] == closed["department"]
    assert (await followed(http, accepted, bool))["state"] == "closed"
