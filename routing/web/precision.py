"""How sure the machine has to be: for dispatchers and supervisors to read, for administrators to change; page and API."""

from functools import partial
from typing import Any

import msgspec

from routing.core.precision import NewWish
from routing.steps.precision import ShownPrecision, read_precision, wish
from routing.web.views import OVERSEERS
from schemas.city import City
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS, form_errors
from schemas.http import Call, Page, Redirect, Route, read
from schemas.words import Role

#: Who answers for how many cases go to the wrong department.
_DECIDE = frozenset({Role.ADMINISTRATOR})
_LABELS = {"precision": "要求的准确率", "reason": "理由"}


class PrecisionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it was just changed."""

    done: bool = False


async def show(call: Call, *, city: City) -> ShownPrecision:
    """What holds now, and what another precision would cost."""
    return await read_precision(call.unit, city)


async def change(call: Call, *, city: City) -> ShownPrecision:
    """Wish another precision, from now on."""
    return await wish(call.unit, call.body, call.principal.name, city)


async def show_page(call: Call, *, city: City) -> Page:
    """The page that shows which precision is wished for, and what it leads to."""
    return await _page(call, city, done=call.query.done if call.query else False)


async def change_on_page(call: Call, *, city: City) -> Page | Redirect:
    """Wish another precision, by the form; what was typed stays where it is refused."""
    if call.is_draft:
        return await _page(call, city)
    try:
        given = {name: call.form.get(name, "").strip() for name in ("precision", "reason")}
        await wish(call.unit, read(NewWish, given, strict=False), call.principal.name, city)
    except BadInput as refusal:
        return await _page(call, city, refusal)
    return Redirect(to="/review/precision?done=true")


async def _page(call: Call, city: City, refusal: BadInput | None = None, *, done: bool = False) -> Page:
    found = await read_precision(call.unit, city)
    context = {
        "found": found,
        "doubts": [doubt.message(call.language, city) for doubt in found.doubts],
        "done": done,
        "typed": call.form,
        "resend": call.form,
        "may_change": call.principal.role in _DECIDE,
        "errors": form_errors(refusal, call.language, labels=_LABELS) if refusal else NO_ERRORS,
    }
    return Page(template="routing/precision.html", context=context, status=422 if refusal else 200)


def api_routes(*, city: City) -> tuple[Route, ...]:
    """The routes that scripts and systems ask."""
    path = "/api/v1/review/precision"
    return (
        Route(method="GET", path=path, answer=partial(show, city=city), who=OVERSEERS, returns=ShownPrecision,
              summary="How sure the machine has to be, and what another precision would cost"),
        Route(method="POST", path=path, answer=partial(change, city=city), who=_DECIDE, body=NewWish, returns=ShownPrecision,
              summary="Wish another precision"),
    )  # fmt: skip


def page_routes(*, city: City) -> tuple[Route, ...]:
    """The pages, to stand before that of one case, which they look like."""
    more: dict[str, Any] = {"path": "/review/precision", "page": True}
    return (
        Route(method="GET", answer=partial(show_page, city=city), who=OVERSEERS, query=PrecisionQuery,
              summary="How sure the machine has to be, and what another precision would cost", **more),
        Route(method="POST", answer=partial(change_on_page, city=city), who=_DECIDE, takes_drafts=True,
              summary="Wish another precision", **more),
    )  # fmt: skip
