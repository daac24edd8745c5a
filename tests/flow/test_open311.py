"""A message by Open311 goes the whole way: it becomes a case, is answered, and everybody reads it there."""

from typing import Any

import aiohttp

from tests.flow.steps import MESSAGE, RESPONSE, answer_completely, followed
from tests.stack import Stack, eventually

TITLE = "望江路的路灯又坏了"
FORM = {
    "service_code": "transport", "address_string": "东湖区望江路幸福家园南门外",
    "description": f"{TITLE}\n{MESSAGE['text']}", "publish": "true",
}  # fmt: skip


async def test_a_request_becomes_a_case_and_is_read_by_everybody(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """Followed with its access code from the first moment; without one it is there once it is published."""
    async with http.post("/open311/v2/requests.json", data=FORM) as answer:
        (request,) = await answer.json()
    path = f"/open311/v2/requests/{request['service_request_id']}.json"
    accepted = {
        "tracking_code": request["service_request_id"], "access_code": request["access_code"], "title": TITLE,
    }  # fmt: skip
    headers = {"Access-Code": request["access_code"]}
    async with http.get(path, headers=headers) as answer:
        assert "open" == (await answer.json())[0]["status"]
    await followed(http, accepted, lambda seen: seen["state"] == "assigned")
    async with http.get(path) as answer:
        assert 404 == answer.status

    await answer_completely(city, http, accepted)

    async def published() -> Any:
        async with http.get(path) as answer:
            return (await answer.json())[0] if answer.status == 200 else None

    found = await eventually(published)
    assert ("closed", RESPONSE) == (found["status"], found["status_notes"])
    assert "13812345678" not in str(found)
