"""A department's system that knows nothing of us but Kafka: it hears its cases there and does everything there."""

import json

import aiohttp

from deploy.messaging.dead.dead_letters import stored_letters
from tests.faults.traffic import settings_of
from tests.flow.steps import RESPONSE, approve, followed, submit
from tests.flow.system import system_of
from tests.stack import Stack


async def test_a_department_answers_over_kafka_alone(city: Stack, http: aiohttp.ClientSession) -> None:
    """It hears of its case, signs for it and replies, each answered on its own topic; the citizen reads the reply."""
    accepted = await submit(http, title="卡夫卡上的路灯")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    async with system_of(city, department) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        assert "13812345678" not in json.dumps(assigned, ensure_ascii=False)

        signed = await system.ask("sign", assigned, {})
        reply = {"note": "已派人维修。", "response": RESPONSE}
        stale = await system.ask("reply", assigned, reply)
        empty = await system.ask("reply", signed, reply | {"note": ""})
        replied = await system.ask("reply", signed, reply)

    assert (signed["ok"], signed["state"]) == (True, "in_progress")
    assert (stale["ok"], stale["status"], stale["code"]) == (False, 409, "stale-version")
    assert (empty["ok"], empty["status"], empty["code"]) == (False, 422, "bad-input")
    assert (replied["ok"], replied["state"]) == (True, "replied")
    await approve(city, http, assigned["case_id"])
    closed = await followed(http, accepted, lambda seen: seen["state"] == "closed" and seen.get("response"))
    assert closed["response"]["text"] == RESPONSE


async def test_what_it_writes_wrong_is_answered_once(city: Stack, http: aiohttp.ClientSession) -> None:
    """A missing field, another kind of value, an action that is none: told which, once a record; none lies dead."""
    accepted = await submit(http, title="写错了的指令")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    async with system_of(city, department) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        wrong = [
            ("return", assigned, {"reason": "不属于我局职责"}),
            ("extend", assigned, {"working_days": "5", "reason": "待备件"}),
            ("sign", assigned | {"version": "三"}, {}),
            ("dream", assigned, {}),
        ]
        for action, case, content in wrong:
            await system.send(action, case, content, command_id=f"faulty-{action}", times=2)
        await system.send("note", assigned, {"text": "核实中"}, command_id="the last one")
        heard = [await system.hear("command.answered.v1", case_id=assigned["case_id"]) for _ in range(5)]

    assert [("faulty-return", ["basis"]), ("faulty-extend", ["working_days"]), ("faulty-sign", ["version"]),
            ("faulty-dream", ["ce_type"]), ("the last one", [])] == [
        (answer["command_id"], [error["field"] for error in answer["errors"]]) for answer in heard
    ]  # fmt: skip
    assert [("bad-input", 422, "assigned")] * 4 == [
        (answer["code"], answer["status"], answer["state"]) for answer in heard[:4]
    ]
    assert [] == await _letters_about(city, assigned["case_id"])


async def test_another_departments_key_opens_nothing(city: Stack, http: aiohttp.ClientSession) -> None:
    """A command signed by a stranger changes nothing and goes to the dead letters."""
    accepted = await submit(http, title="别人的路灯")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    async with system_of(city, department) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        await system.send("sign", assigned, {}, token="guessed")
        # A later command of the rightful owner is answered after the stranger's was handled.
        answer = await system.ask("note", assigned, {"text": "核实中"})

    assert (answer["ok"], answer["state"]) == (True, "assigned")
    assert [("handlers.commands", "command_signature")] == await _letters_about(city, assigned["case_id"])


async def _letters_about(city: Stack, case_id: str) -> list[tuple[str, str]]:
    """Stage and reason of each dead letter whose key is that case."""
    return [
        (letter.fact("stage"), letter.fact("reason"))
        async for letter in stored_letters(settings_of(city))
        if letter.record.key == case_id.encode()
    ]
