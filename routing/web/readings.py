"""Direct answers that are read again: by API and by page, for every dispatcher but the one who gave them."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from routing.core.decisions.direct import ReadingOver, SecondReading, WaitingReading
from routing.core.decisions.review import Version
from routing.steps import direct
from routing.steps.decided import Decided
from routing.web.views import DISPATCHERS
from schemas.errors import BadInput, Refused
from schemas.forms import NO_ERRORS, form_errors
from schemas.http import Call, Page, Redirect, Route, read
from schemas.ids import CaseId, EntryId
from schemas.words import CaseField

_LABELS = {"remarks": "说明", "is_right": "您的决定"}


class ReadAgain(SecondReading, frozen=True, kw_only=True):
    """What was found, of the answer with this version of the case."""

    version: Version


class ReadingItem(msgspec.Struct, frozen=True, kw_only=True):
    """One direct answer of another dispatcher, with the message that it answers."""

    case_id: CaseId
    tracking_code: str
    version: int
    title: str
    text: str
    response: str
    entry_id: EntryId
    answered_by: str
    answered_at: datetime


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """What waits to be read again, the oldest first."""

    items: list[ReadingItem]


class ReadingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was just read: its tracking code."""

    done: Annotated[str, msgspec.Meta(pattern="^[0-9A-Z-]{1,40}$")] | None = None


async def list_readings(call: Call) -> Readings:
    """A sample of others' direct answers."""
    found = await direct.list_readings(call.unit, call.principal.name)
    for each in found:
        call.shows(each.case.case_id, CaseField.TITLE, CaseField.TEXT, CaseField.RESPONSE)
    return Readings(items=[_item(each) for each in found])


def _item(reading: WaitingReading) -> ReadingItem:
    case = reading.case
    return ReadingItem(
        case_id=case.case_id, tracking_code=case.tracking_code, version=case.version, title=case.title,
        text=f"{case.text}\n\n{case.supplement}" if case.supplement else case.text, response=case.response or "",
        entry_id=reading.entry_id, answered_by=reading.answered_by, answered_at=reading.answered_at,
    )  # fmt: skip


async def read_again(call: Call) -> Decided:
    """Find the answer right, or recall it."""
    body: ReadAgain = call.body
    who = call.principal
    return await direct.read_again(
        call.unit, call.case_id, body.version, body, who.name, is_person=who.is_person
    )


async def show_readings(call: Call) -> Page:
    """The page of direct answers that somebody reads again."""
    return await _page(call, done=call.query.done)


async def _page(call: Call, refusal: Refused | None = None, done: str | None = None) -> Page:
    items = (await list_readings(call)).items
    is_listed = call.path.get("case_id") in [item.case_id for item in items]
    context = {
        "items": items,
        "unsent": [call.form["remarks"]] if call.form.get("remarks", "").strip() and not is_listed else [],
        "done": done,
        "typed": call.form,
        "acting": call.path.get("case_id"),
        "errors": form_errors(refusal, call.language, labels=_LABELS) if refusal else NO_ERRORS,
        **({"resend": call.form} if call.form else {}),
    }
    return Page(template="routing/readings.html", context=context, status=refusal.status if refusal else 200)


async def read_on_page(call: Call) -> Page | Redirect:
    """Find the answer right or wrong, by the form."""
    if call.is_draft:
        return await _page(call)
    try:
        given = {name: call.form.get(name, "") for name in ("version", "remarks")}
        given["is_right"] = {"right": "true", "wrong": "false"}.get(call.form.get("action", ""), "")
        body = read(ReadAgain, given, strict=False)
        done = await direct.read_again(call.unit, call.case_id, body.version, body, call.principal.name)
    except (BadInput, ReadingOver) as refusal:
        return await _page(call, refusal)
    return Redirect(to=f"/review/readings?done={done.tracking_code}")


def routes() -> tuple[Route, ...]:
    """The API's routes for second readings of direct answers."""
    path = "/api/v1/review/readings"
    return (
        _route("GET", path, list_readings, "Direct answers to read again", returns=Readings),
        _route("POST", f"{path}/{{case_id}}", read_again, "Find a direct answer right, or recall it",
               body=ReadAgain, returns=Decided),
    )  # fmt: skip


def pages() -> tuple[Route, ...]:
    """The pages, to stand before that of one case, which they look like."""
    more: dict[str, Any] = {"page": True}
    return (
        _route("GET", "/review/readings", show_readings, "Direct answers to read again", query=ReadingQuery, **more),
        _route("POST", "/review/readings/{case_id}/read", read_on_page, "Find a direct answer right, or recall it",
               takes_drafts=True, **more),
    )  # fmt: skip


def _route(method: str, path: str, answer: Any, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=DISPATCHERS, summary=summary, **more)
