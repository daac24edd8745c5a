"""An older copy of Postgres is restored: what citizens, dispatchers and departments' systems did since comes from Kafka."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.commands.status import groups
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.topics.topics import lag_of
from tests.faults.traffic import settings_of
from tests.flow.steps import MESSAGE, answer_completely, followed, on_the_desk
from tests.flow.system import system_of
from tests.stack import FEW, Stack, eventually, fresh_database, running

_PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
_LAMPS = "urban-management"


@pytest.fixture
async def city(postgres: EmbeddedPostgres, kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Stack]:
    """One of its own: what another test had in it would be older than the copy, or gone with it."""
    async with running(Stack(tmp_path, await fresh_database(postgres.url), kafka.login()), *FEW) as city:
        yield city


class _Citizens:
    """What citizens say and see, and the dispatcher's one decision."""

    def __init__(self, city: Stack, http: aiohttp.ClientSession) -> None:
        self._city = city
        self._http = http

    async def write(self, title: str, **more: Any) -> Any:
        """A message; the answer with its codes."""
        return {
            **await self._post("/api/v1/submissions", {**MESSAGE, "title": title, **more}),
            "title": title,
        }

    async def upload(self, name: str) -> str:
        """A file; its id."""
        content = io.BytesIO(_PDF + name.encode())
        async with self._http.post("/api/v1/attachments", params={"name": name}, data=content) as answer:
            told = await answer.json()
            assert answer.status == 201, told
        return str(told["attachment_id"])

    async def say(self, codes: Any, action: str, **body: Any) -> None:
        """One action on one's own case."""
        path = f"/api/v1/submissions/{codes['tracking_code']}/{action}"
        await self._post(path, body, **{"Access-Code": codes["access_code"]})

    async def at_department(self, codes: Any) -> Any:
        """The case as its citizen sees it, once a department has it."""
        return await followed(self._http, codes, lambda seen: seen["state"] == "assigned" and seen["due_at"])

    async def seen(self, codes: Any) -> Any:
        """The case as its citizen sees it."""
        return await followed(self._http, codes, bool)

    async def dispatch(self, codes: Any, lead: str) -> None:
        """A dispatcher gives it to that department."""
        headers = self._city.token("dispatcher")

        async def look() -> Any:
            path = "/api/v1/review/cases?kind=dispatch&limit=100"
            async with self._http.get(path, headers=headers) as answer:
                items = (await answer.json())["items"]
            return next((each for each in items if each["title"] == codes["title"]), None)

        item = await eventually(look)
        path = f"/api/v1/review/cases/{item['case_id']}/decision"
        await self._post(path, {"version": item["version"], "lead": lead}, **headers)

    async def files(self, case_id: str, department: str) -> list[tuple[str, bool]]:
        """The names of the files that came later, as the desk has them, and whether their bytes are there."""
        path, headers = f"/api/v1/desk/cases/{case_id}", self._city.token(department)
        async with self._http.get(path, headers=headers) as answer:
            case = await answer.json()
        files = [
            *case["attachments"],
            *(file for each in case["supplements"] for file in each["attachments"]),
        ]
        return [(file["name"], await self._is_there(file["url"], headers)) for file in files]

    async def _is_there(self, url: str | None, headers: Any) -> bool:
        async with self._http.get(url or "/nowhere", headers=headers) as answer:
            return answer.status == 200 and (await answer.read()).startswith(_PDF)

    async def _post(self, path: str, body: Any, **headers: str) -> Any:
        async with self._http.post(path, json=body, headers=headers) as answer:
            said = await answer.json()
            assert answer.status < 300, (path, said)
            return said


async def _quiet(city: Stack) -> None:
    """Return once everything that was said was heard: then a copy is of one moment for all."""

    settings = settings_of(city)
    named = groups(settings)

    async def look() -> bool:
        waiting = await city.number("SELECT count(*) FROM deploy.outbox")
        return not waiting and not any((await lag_of(settings, named)).values())

    await eventually(look, every=0.5)


async def _command(city: Stack, *words: str) -> str:
    """What it says; connections that the web closes meanwhile are not used again."""
    return (await asyncio.to_thread(city.command, *words)).stdout


async def _reconcile(city: Stack, *options: str) -> Any:
    return json.loads(await _command(city, "reconcile", "--older-than", "0", "--json", *options))


async def test_every_deed_since_is_done_once_more(city: Stack, tmp_path: Path) -> None:
    """A rating, a no to publication, an addition and a message with files, a dispatch, a command; the rest is named."""
    copy, said = tmp_path / "copy", ["--data", str(city.directory)]
    async with aiohttp.ClientSession(city.url) as http:
        citizens = _Citizens(city, http)
        answered = await citizens.write("已办结的路灯")
        waiting, asked, signed, unsure = [
            await citizens.write(title, **more)
            for title, more in (
                ("待补充的路灯", {}), ("系统签收的路灯", {}), ("人工签收的路灯", {}),
                ("一件小事", {"text": "请看一下，谢谢。", "kind": "consultation"}),
            )
        ]  # fmt: skip
        await answer_completely(city, http, answered)
        for each in (waiting, asked, signed):
            await citizens.at_department(each)
        await _quiet(city)
        await _command(city, "backup", str(copy), *said)

        await citizens.say(answered, "rating", score=2, comment="来得太慢")
        await citizens.say(answered, "publication", publish=False)
        added = await citizens.upload("现场.pdf")
        await citizens.say(waiting, "supplement", text="昨晚又灭了一盏。", attachments=[added])
        later = await citizens.write("备份之后的路灯", attachments=[await citizens.upload("合同.pdf")])
        await citizens.dispatch(unsure, "water")
        async with system_of(city, _LAMPS) as system:
            case = await system.hear("case.assigned.v1", title=asked["title"])
            assert (await system.ask("sign", case, {}))["ok"]
        await answer_completely(city, http, signed)
        await citizens.say(signed, "rating", score=1)
        for each in (later, unsure):
            await citizens.at_department(each)
        await _quiet(city)
        before = [await citizens.seen(each) for each in (answered, waiting, later, unsure, asked)]

    city.stop()
    await _command(city, "restore", str(copy), "--replace", *said)
    city.start(*FEW)
    await city.ready()

    found = await _reconcile(city)
    await _quiet(city)

    assert (1, 2, 5) == tuple(found["missing"][name] for name in ("submissions", "files", "deeds"))
    by_hand = [
        ("case.signed", f"demo-{_LAMPS}"),
        ("case.replied", _LAMPS),
        ("review.decided", "demo-dispatcher"),
    ]
    assert [*by_hand, ("citizen.rated", "")] == [(each["event"], each["by"]) for each in found["gone"]]
    assert not found["files_gone"]
    async with aiohttp.ClientSession(city.url) as http:
        citizens = _Citizens(city, http)
        after = [await citizens.seen(each) for each in (answered, waiting, later, unsure, asked)]
        assert [_facts(each) for each in before] == [_facts(each) for each in after]
        for codes, name in ((waiting, "现场.pdf"), (later, "合同.pdf")):
            case = await on_the_desk(city, http, _LAMPS, codes["title"])
            assert [(name, True)] == await citizens.files(case["case_id"], _LAMPS)
    assert 1 == await city.number("SELECT count(*) FROM intake.supplement")
    # Exit status 0: a rating of an answer that is gone waits for nobody, and is named as long as Kafka has it.
    again = await _reconcile(city, "--dry-run")
    assert not any(again["missing"].values()), again
    assert again["gone"] == found["gone"]


def _facts(seen: Any) -> Any:
    """What a citizen reads of their case but for addresses and moments, which are new."""
    return {
        name: seen[name]
        for name in ("state", "title", "department", "rating", "publication", "allowed_actions")
    } | {"lines": sorted(line["event"] for line in seen["timeline"])}
