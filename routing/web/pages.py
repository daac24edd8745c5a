"""The dispatcher's pages: the queue at `/review`, and one case with what there is to decide about it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec

from routing.core.classify import Doubt
from routing.core.review import DEFAULT_LEGAL_ROUTE, Decision, RoutingCase
from routing.steps.decide import decide
from routing.store import cases, items
from routing.web.queue import DISPATCHERS, ReviewCase, page_of, shown
from schemas.city import City
from schemas.errors import BadInput, FieldError, NotFound, Refused
from schemas.http import Answer, Call, Page, Redirect, Route, read
from schemas.words import Language, ReviewKind

#: Items on a page of the queue.
_PAGE_SIZE = 25
#: Names as catalogues know them.
KIND_NAMES: Mapping[ReviewKind, str] = {
    ReviewKind.DISPATCH: "待派单",
    ReviewKind.RETURN: "退单审核",
    ReviewKind.EXTENSION: "延期审核",
    ReviewKind.REPLY: "答复审核",
}
DOUBT_NAMES: Mapping[Doubt, str] = {
    Doubt.TRANSFER: "可能应立即转其他热线",
    Doubt.OUTSIDE: "可能不属受理范围",
    Doubt.ACCUSED: "举报涉及单位",
    Doubt.NO_WORDS: "没有可依据的词语",
    Doubt.UNSURE: "把握不足",
}


class QueueQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the queue, and whether something was just decided."""

    kind: ReviewKind | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    #: The case's tracking code.
    done: Annotated[str, msgspec.Meta(pattern="^[0-9A-Z-]{1,40}$")] | None = None


async def show_queue(call: Call) -> Page:
    """What waits, by kind: emergencies first, then the oldest."""
    query: QueueQuery = call.query
    db = call.unit.db
    rows, next_cursor = await page_of(db, query.kind, query.cursor, _PAGE_SIZE)
    counts = await items.count(db)
    context = {
        "rows": rows,
        "waits": [_waiting(call, row) for row in rows],
        "emergencies": [row for row in rows if row.emergency],
        "tabs": [(None, "全部", sum(counts.values()))]
        + [(kind, name, counts.get(kind, 0)) for kind, name in KIND_NAMES.items()],
        "chosen": query.kind,
        "next_cursor": next_cursor,
        "done": query.done,
        "kind_names": KIND_NAMES,
    }
    return Page(template="routing/queue.html", context=context)


def _waiting(call: Call, row: ReviewCase) -> tuple[int, int]:
    """Whole hours and minutes since the item was opened."""
    minutes = max(0, int((call.unit.now - row.opened_at).total_seconds() // 60))
    return divmod(minutes, 60)


async def show_case(call: Call, *, city: City) -> Page:
    """One case: why it is here, and the forms to decide."""
    return await _case_page(call, city)


async def decide_on_page(call: Call, *, city: City) -> Page | Redirect:
    """Take the decision that a form holds; what was typed stays where it is refused."""
    if call.is_draft:
        return await _case_page(call, city)
    case_id = call.case_id
    try:
        decided = await decide(call.unit, city, case_id, decision_of(call.form), call.principal.name)
    except NotFound:
        raise
    except Refused as refusal:
        return await _case_page(call, city, refusal)
    case = await cases.find(call.unit.db, decided.case_id)
    return Redirect(to=f"/review?done={case.tracking_code if case else ''}")


def decision_of(form: Mapping[str, str]) -> Decision:
    """A form of ours as a decision.

    Raises:
        BadInput: a field does not fit.
    """
    given = {name: form[name].strip() for name in ("version", "kind", "remarks") if form.get(name)}
    return read(Decision, given | _way(form), strict=False)


def _way(form: Mapping[str, str]) -> dict[str, Any]:
    match form.get("action"):
        case "dispatch":
            return _departments(form) | ({} if form.get("lead") or form.get("category") else {"accept": True})
        case "reassign":
            return {"accept": True} | _departments(form)
        case "merge":
            return {"merge_into": _named(form)}
        case "decline":
            return {"decline": form.get("decline", "").strip() or True}
        case "accept" | "refuse" as answer:
            return {"accept": answer == "accept"}
        case _:
            return {}


def _named(form: Mapping[str, str]) -> str:
    code = form.get("merge_into", "").strip()
    if not code:
        missing = "请填写要并入的那一件的查询号。"
        raise BadInput(
            [FieldError("merge_into", missing, "Give the tracking code of the case to merge into.")]
        )
    return code


def _departments(form: Mapping[str, str]) -> dict[str, Any]:
    chosen = {name: form[name] for name in ("category", "lead") if form.get(name)}
    return {**chosen, "supporting": [code for code in form.get("supporting", "").split(",") if code]}


async def _case_page(call: Call, city: City, refusal: Refused | None = None) -> Page:
    db = call.unit.db
    case = await cases.find(db, call.case_id)
    if case is None:
        raise NotFound
    duplicate = await cases.find(db, case.suspected_duplicate) if case.suspected_duplicate else None
    waiting = [shown(item, case) for item in await items.waiting(db, case.case_id)]
    context = {
        "case": case,
        "resend": call.form,
        "rows": waiting,
        "waits": [_waiting(call, row) for row in waiting],
        "duplicate": duplicate,
        "errors": _errors(refusal, call.language),
        "typed": call.form,
        "kind_names": KIND_NAMES,
        "doubt_names": DOUBT_NAMES,
        "departments": _eligible(city, case),
        "legal_route": DEFAULT_LEGAL_ROUTE,
    }
    return Page(template="routing/case.html", context=context, status=refusal.status if refusal else 200)


def _eligible(city: City, case: RoutingCase) -> list[Any]:
    return [department for department in city.departments if department.code not in case.accused]


def _errors(refusal: Refused | None, language: Language) -> Sequence[tuple[str, str]]:
    """(field, reason), for the summary and beside the fields; no field: about the whole."""
    if refusal is None:
        return ()
    if not isinstance(refusal, BadInput):
        return [("", refusal.message(language))]
    return [(error.field, _reason(error, language)) for error in refusal.errors]


def _reason(error: FieldError, language: Language) -> str:
    return error.zh if language is Language.ZH else error.en


def routes(*, city: City) -> tuple[Route, ...]:
    """The dispatcher's pages."""
    return (
        _page("GET", "/review", show_queue, "The review queue", query=QueueQuery),
        _page("GET", "/review/{case_id}", partial(show_case, city=city), "One case to decide on"),
        _page("POST", "/review/{case_id}", partial(decide_on_page, city=city), "Decide", takes_drafts=True),
    )


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=DISPATCHERS, summary=summary, page=True, **more)
