"""The catalogue of rulings (派单目录中的认定): for dispatchers and supervisors to read, for dispatchers to withdraw from."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import msgspec

from routing.core.decisions.catalogue import MOST_WORDS, KeptRuling
from routing.steps import rulings as steps
from routing.web.views import DISPATCHERS, OVERSEERS
from schemas.city import City
from schemas.http import Call, Page, Redirect, Route, read
from schemas.words import CaseField

_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
#: Rulings on one page unless more are asked for (project choice: as many as in the queue).
_PAGE_SIZE = 25


class RulingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the list: from behind the row `before` on; and whether one was just withdrawn."""

    before: _Number | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _PAGE_SIZE
    done: bool = False


class RulingList(msgspec.Struct, frozen=True, kw_only=True):
    """Rulings with who wrote and who withdrew them, the latest first."""

    items: list[KeptRuling]
    next_before: int | None


class EndRuling(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the ruling that is to hold no more."""

    id: _Number


class RulingEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The ruling that holds no more."""

    id: int


def ruling_in(form: Mapping[str, str]) -> dict[str, Any]:
    """What a decision's form says of such matters; nothing where it is not ticked."""
    if not form.get("ruling"):
        return {}
    words = form.get("ruling_words", "").replace("，", "、").replace(",", "、").replace(" ", "、").split("、")
    names = ("category", "region", "over_special")
    chosen = {name: form[f"ruling_{name}"] for name in names if form.get(f"ruling_{name}")}
    return {"ruling": {"words": [word for word in words if word][: MOST_WORDS + 1], **chosen}}


async def list_rulings(call: Call) -> RulingList:
    """All rulings, withdrawn ones too, the latest first."""
    query: RulingQuery = call.query
    rows, last = await steps.read(call.unit, query.before, query.limit)
    for row in rows:
        if row.case_id:
            call.shows(row.case_id, CaseField.DETAIL)
    return RulingList(items=rows, next_before=last.id if last else None)


async def end_ruling(call: Call) -> RulingEnded:
    """Let a ruling hold no more."""
    await steps.end(call.unit, call.body.id, call.principal.name)
    return RulingEnded(id=call.body.id)


async def show_page(call: Call, *, city: City) -> Page:
    """The rulings, each with who wrote it, from which case, and a button that withdraws it."""
    found = await list_rulings(call)
    # A department and a category may share a code.
    every = {"department": city.department, "category": city.category, "region": city.region}
    context = {
        "rows": found.items,
        "next_before": found.next_before,
        "names": {
            kind: {code: each.name(call.language) for code, each in of_kind.items()}
            for kind, of_kind in every.items()
        },
        "may_end": call.principal.role in DISPATCHERS,
        "done": call.query.done,
    }
    return Page(template="routing/rulings.html", context=context)


async def end_on_page(call: Call) -> Redirect:
    """Withdraw one by its button; a second press changes nothing."""
    await steps.end(
        call.unit, read(EndRuling, {"id": call.form.get("id", "")}, strict=False).id, call.principal.name
    )
    return Redirect(to="/review/rulings?done=true")


def api_routes() -> tuple[Route, ...]:
    """The routes that scripts and systems ask."""
    path = "/api/v1/review/rulings"
    return (
        Route(method="GET", path=path, answer=list_rulings, who=OVERSEERS, query=RulingQuery, returns=RulingList,
              summary="Where dispatchers ruled that such matters go, the latest first"),
        Route(method="POST", path=f"{path}/end", answer=end_ruling, who=DISPATCHERS, body=EndRuling,
              returns=RulingEnded, summary="Withdraw a ruling: it decides nothing from then on"),
    )  # fmt: skip


def page_routes(*, city: City) -> tuple[Route, ...]:
    """The pages, to stand before that of one case, which they look like."""
    return (
        Route(method="GET", path="/review/rulings", answer=partial(show_page, city=city), who=OVERSEERS, page=True,
              query=RulingQuery, summary="Where dispatchers ruled that such matters go"),
        Route(method="POST", path="/review/rulings", answer=end_on_page, who=DISPATCHERS, page=True,
              summary="Withdraw a ruling"),
    )  # fmt: skip
