"""Cases of a running city that some people must not know of, each in words that stand nowhere else."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.family import ACCUSED
from tests.stack import Stack, eventually

#: Whom dispatchers give them to, and a unit that has nothing to do with any of them.
HAS_IT, OTHER = "tax", "culture-tourism"
#: What takes a case away from those who have it.
SINCE = "港务局的工作人员收了好处费，不办事，请查处，靛色货箱为证"
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """One of them. `words`: what tells of it wherever it stands; `read_before`: those that the accused had read already."""

    name: str
    case_id: str
    tracking_code: str
    access_code: str
    words: Sequence[str]
    read_before: Sequence[str] = ()
    #: Addresses of its citizen's file, as they were shown to whoever had the case then.
    addresses: list[str] = field(default_factory=list)


class Everyday:
    """What citizens, dispatchers and departments do meanwhile, over the API."""

    def __init__(self, city: Stack, http: aiohttp.ClientSession) -> None:
        self._city, self._http = city, http

    async def post(self, path: str, who: str, **body: Any) -> tuple[int, Any]:
        """Status and answer; `who`: a role or a department."""
        async with self._http.post(path, json=body, headers=self._city.token(who)) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, who: str) -> tuple[int, Any]:
        """The same of what is only read."""
        async with self._http.get(path, headers=self._city.token(who)) as answer:
            return answer.status, await answer.json()

    async def as_citizen(self, hidden: Hidden, action: str, **body: Any) -> int:
        """The citizen of that case does something."""
        path = f"/api/v1/submissions/{hidden.tracking_code}/{action}"
        async with self._http.post(path, json=body, headers={"Access-Code": hidden.access_code}) as answer:
            return answer.status

    async def state(self, hidden: Hidden, wanted: str) -> Any:
        """What its citizen reads, once it stands like that."""

        async def look() -> Any:
            path = f"/api/v1/submissions/{hidden.tracking_code}"
            async with self._http.get(path, headers={"Access-Code": hidden.access_code}) as answer:
                return await answer.json()

        return await eventually(look, is_done=lambda seen: seen.get("state") == wanted)

    async def submitted(self, name: str, title: str, text: str, words: Sequence[str], **more: Any) -> Hidden:
        """A message with a file, once a dispatcher has it."""
        body = {"title": title, "text": text, "publish": True, "attachments": [await self._upload()], **more}
        async with self._http.post("/api/v1/submissions", json=body) as answer:
            codes = await answer.json()
            assert answer.status == 202, codes
        at_routing = "SELECT case_id::text FROM routing.case WHERE tracking_code = $1"
        [row] = await eventually(lambda: self._city.sql(at_routing, codes["tracking_code"]))
        hidden = Hidden(
            name=name, case_id=row[0], tracking_code=codes["tracking_code"], access_code=codes["access_code"],
            words=(*words, codes["tracking_code"], row[0]),
        )  # fmt: skip
        await self.state(hidden, "in_review")
        return hidden

    async def _upload(self) -> str:
        async with self._http.post(
            "/api/v1/attachments", params={"name": "证据.pdf"}, data=io.BytesIO(_PDF)
        ) as answer:
            told = await answer.json()
            assert answer.status == 201, told
        return str(told["attachment_id"])

    async def waiting(self, hidden: Hidden, kind: str = "dispatch") -> Any:
        """What a dispatcher is asked about it."""

        async def look() -> Any:
            _, found = await self.get(f"/api/v1/review/cases?kind={kind}&limit=100", "dispatcher")
            return next((item for item in found["items"] if item["case_id"] == hidden.case_id), None)

        return await eventually(look)

    async def dispatch(self, hidden: Hidden, lead: str) -> None:
        """A dispatcher gives it to that department, which has it then."""
        item = await self.waiting(hidden)
        path = f"/api/v1/review/cases/{hidden.case_id}/decision"
        status, told = await self.post(path, "dispatcher", version=item["version"], lead=lead)
        assert status == 200, told
        await eventually(lambda: self.desk(hidden, lead))

    async def desk(self, hidden: Hidden, department: str) -> Any:
        """The case as that department's desk shows it; None where it has none."""
        status, case = await self.get(f"/api/v1/desk/cases/{hidden.case_id}", department)
        if status == 200:
            hidden.addresses.extend(each["url"] for each in case["attachments"])
        return case if status == 200 else None

    async def act(self, hidden: Hidden, department: str, action: str, **body: Any) -> Any:
        """The department does something with it."""
        case = await self.desk(hidden, department)
        path = f"/api/v1/desk/cases/{hidden.case_id}/actions/{action}"
        status, told = await self.post(path, department, version=case["version"], **body)
        assert status == 200, told
        return told


async def hide(city: Stack, http: aiohttp.ClientSession) -> Sequence[Hidden]:
    """All of them, as far as their citizens and the centre have come."""
    day = Everyday(city, http)
    return await asyncio.gather(_reported(day), _taken(day), _in_confidence(day))


async def _reported(day: Everyday) -> Hidden:
    """A report from the beginning, whatever it calls itself."""
    hidden = await day.submitted(
        "reported", "港务局工作人员收红包的赭色浮筒", "港务局的工作人员在检验赭色浮筒时收受红包，请查处。",
        ("赭色浮筒",), kind="complaint",
    )  # fmt: skip
    await day.dispatch(hidden, HAS_IT)
    await day.act(hidden, HAS_IT, "sign")
    return hidden


async def _taken(day: Everyday) -> Hidden:
    """The accused had it, read it and answered for it, until its citizen said more."""
    before = await day.submitted(
        "taken", "请看一下那个青色系缆桩", "请看一下那个青色系缆桩，谢谢。", (), kind="consultation"
    )
    await day.dispatch(before, ACCUSED)
    await day.act(before, ACCUSED, "sign")
    await day.act(before, ACCUSED, "note", text="已看青色系缆桩")
    assert await day.as_citizen(before, "supplement", text=SINCE) in (200, 202)
    await day.state(before, "in_review")
    await day.dispatch(before, HAS_IT)
    return Hidden(
        name="taken", case_id=before.case_id, tracking_code=before.tracking_code, access_code=before.access_code,
        words=("青色系缆桩", "靛色货箱", before.tracking_code, before.case_id),
        read_before=("青色系缆桩", before.tracking_code, before.case_id), addresses=before.addresses,
    )  # fmt: skip


async def _in_confidence(day: Everyday) -> Hidden:
    hidden = await day.submitted(
        "in confidence", "请看一下那条绛色缆绳", "请看一下那条绛色缆绳，谢谢。", ("绛色缆绳",), confidential=True,
        kind="consultation",
    )  # fmt: skip
    await day.dispatch(hidden, HAS_IT)
    return hidden
