"""Whoever writes, reviews and reads knowledge entries, by the pages, over the tables that there are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import handlers.web.api
import handlers.web.pages
from deploy.web.site.render import renderer_of
from handlers.core.entry_views import FullEntry
from handlers.steps import entries as steps
from schemas.city import load_city
from schemas.errors import NotFound
from schemas.http import Call, Page, Principal, Redirect, Route, read
from schemas.ids import CaseId, EntryId
from schemas.ports import PublicAnswers
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.clocks import NoClocks
from tests.integration.intake.calls import Site
from tests.integration.slices import Slices

CITY = load_city()
FIELDS = {
    "questions": "居住证怎么办理\n办居住证要带什么", "answer": "带身份证到社区，5个工作日内办好。",
    "basis": "居住证条例第九条",
    "document_number": "国令第663号", "valid_from": "2026-11-01", "valid_until": "2027-06-30",
    "checked_on": "2026-11-20",
}  # fmt: skip


class Nobody:
    """Contact details that nobody asks for."""

    async def reveal(self, unit: Any, case_id: CaseId) -> None:
        """None."""


@dataclass(kw_only=True)
class Staff:
    """Somebody who opens pages and sends their forms, as a browser would."""

    unit: RecordingUnit
    who: Principal
    language: Language = Language.ZH
    html: str = ""
    status: int = 0
    shown: Mapping[Any, Any] = field(default_factory=dict)
    #: What everybody reads, where somebody says it.
    answers: PublicAnswers | None = None

    async def open(self, address: str) -> str:
        """GET."""
        path, _, query = address.partition("?")
        return await self._answered("GET", path, dict(part.split("=") for part in query.split("&") if part))

    async def send(self, address: str, **fields: str) -> str:
        """POST; follows the redirect."""
        return await self._answered("POST", address, fields)

    async def _answered(self, method: str, path: str, given: Mapping[str, str]) -> str:
        route, at = self._route(method, path)
        query = read(route.query, dict(given), strict=False) if route.query else None
        call = Call(
            principal=self.who, language=self.language, path=at, headers={}, address="10.0.0.1", query=query,
            form=given if method == "POST" else {}, unit_or_none=self.unit,
        )  # fmt: skip
        answer: Page | Redirect = await route.answer(call)
        if isinstance(answer, Redirect):
            return await self.open(answer.to)
        self.status, self.shown = answer.status, call.shown
        self.html = renderer_of(CITY).render(
            answer, language=self.language, principal=self.who, csrf_token="t", path=path, is_just_done=True
        )
        return self.html

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        desk: dict[str, Any] = {"contacts": Nobody(), "clocks": NoClocks(), "answers": self.answers}
        for route in handlers.web.pages.routes(city=CITY, **desk):
            pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path)
            if route.method == method and (found := re.fullmatch(pattern, path)):
                assert self.who.role in route.who
                return route, found.groupdict()
        raise AssertionError(f"no page answers {method} {path}")

    @property
    def entry_id(self) -> EntryId:
        """Of the entry on the page."""
        found = re.search(r"/entries/([0-9a-f-]{36})", self.html)
        assert found
        return EntryId(found[1])

    async def read(self, entry_id: EntryId) -> FullEntry:
        """The entry as the API shows it."""
        return await steps.read_entry(self.unit, self.who, entry_id)


async def written(clerk: Staff, **changed: str) -> EntryId:
    """A draft, by the form."""
    html = await clerk.open("/desk/entries/new")
    (entry_id,) = re.findall(r'name="entry_id" value="([^"]+)"', html)
    await clerk.send("/desk/entries/new", **{**FIELDS, "entry_id": entry_id, **changed})
    assert 200 == clerk.status, clerk.html
    return EntryId(entry_id)


async def acted(staff: Staff, entry_id: EntryId, action: str, **more: str) -> str:
    """A button of the entry's page is pressed; the page that follows."""
    home = "desk" if staff.who.role is Role.DEPARTMENT else "review"
    version = str((await staff.read(entry_id)).version)
    fields = {"version": version, "action": action, **more}
    return await staff.send(f"/{home}/entries/{entry_id}/act", **fields)


async def published(clerk: Staff, dispatcher: Staff, **changed: str) -> EntryId:
    """Written, proposed and approved: everybody may read it."""
    entry_id = await written(clerk, **changed)
    await acted(clerk, entry_id, "propose")
    await acted(dispatcher, entry_id, "approve")
    await Slices(clerk.unit, CITY).carry()
    return entry_id


async def public(unit: RecordingUnit, **query: str) -> list[str]:
    """The titles that everybody finds."""
    site = site_of(unit)
    found: Any = await site.call(unit, "GET", "/api/v1/knowledge", query=query)
    page: Any = await site.call(unit, "GET", "/knowledge", query=query)
    titles = [item.title for item in found.items]
    assert titles == [item.title for item in page.context["found"].items]
    return titles


def site_of(unit: RecordingUnit) -> Site:
    """Whose clock is the unit's."""
    return Site(clock=lambda: unit.now)


async def is_open(unit: RecordingUnit, entry_id: EntryId) -> bool:
    """Whether everybody may read it, by API and page alike."""
    site, seen = site_of(unit), set()
    for path in ("/api/v1/knowledge/{entry_id}", "/knowledge/{entry_id}"):
        try:
            answer = await site.call(unit, "GET", path, at={"entry_id": entry_id})
            seen.add(not isinstance(answer, Page) or answer.status == 200)
        except NotFound:
            seen.add(False)
    (is_open,) = seen
    return is_open
