"""Orders to departments (督办要求) for supervisors: what waits, for many cases at once, and what is accepted."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from schemas.city import City
from schemas.errors import BadInput, FieldError
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Call, Page, Redirect, Route
from schemas.ids import CaseId, is_uuid
from schemas.ports import CaseMatters
from schemas.words import CaseField, Role
from sla.core.calendar import Calendar
from sla.core.orders import ListedOrder
from sla.core.rules import DeadlineRules
from sla.steps import watch
from sla.steps.urge_many import codes_of, urge_many
from sla.web.views import SuperviseBody
from sla.web.words import name_of

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Project choices: a page that fits the screen; so many at once as two full lists hold, with room.
_SHOWN = 20
MOST_AT_ONCE = 100


class OrderQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Where the list goes on."""

    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders that are not settled, the first due first."""

    items: Sequence[ListedOrder]
    next_cursor: str | None


class Chosen(SuperviseBody, frozen=True, kw_only=True):
    """What a form says of many cases: which, what is done, and whether that was confirmed."""

    case: str = ""
    what: Literal["urge", "supervise"] = "urge"
    step: Literal["confirm", "send"] = "confirm"

    @property
    def case_ids(self) -> Sequence[CaseId]:
        """The cases, each once.

        Raises:
            BadInput: none, too many, or what is no case's id.
        """
        named = list(dict.fromkeys(each for each in self.case.split(",") if each))
        if not named:
            raise BadInput([FieldError("case", "请先选择诉求。", "Choose cases first.")])
        if len(named) > MOST_AT_ONCE or not all(is_uuid(each) for each in named):
            zh, en = f"一次最多 {MOST_AT_ONCE} 件。", f"At most {MOST_AT_ONCE} cases at once."
            raise BadInput([FieldError("case", zh, en)])
        return [CaseId(each) for each in named]


class ManyBody(SuperviseBody, frozen=True, kw_only=True):
    """What is done to which cases: each once, at most a hundred."""

    cases: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]
    what: Literal["urge", "supervise"]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one case. `refused`: why nothing did, in the caller's language."""

    case_id: CaseId
    tracking_code: str | None
    done: bool
    #: The same person did the same within the last ten minutes: it was not done twice.
    is_repeat: bool = False
    refused: str | None = None


class ManyDone(msgspec.Struct, frozen=True, kw_only=True):
    """What came of each case, in one order."""

    items: Sequence[Done]


async def act_on_each(call: Call, *, rules: DeadlineRules, calendar: Calendar) -> ManyDone:
    """Urge or supervise many cases in one request, as on the page: each by itself.

    Raises:
        BadInput: what is no case's id, the note says nothing, or the day cannot be: nothing was done then.
    """
    body: ManyBody = call.body
    if not all(is_uuid(each) for each in body.cases):
        raise BadInput([FieldError("cases", "须为诉求的编号。", "Give the ids of cases.")])
    supervised = body.what == "supervise"
    outcomes = await urge_many(
        call.unit,
        [CaseId(each) for each in body.cases],
        by=call.principal.name,
        note=body.note,
        supervised=supervised,
        day=body.until if supervised else None,
        rules=rules,
        calendar=calendar,
    )
    return ManyDone(
        items=[
            Done(
                case_id=each.case_id,
                tracking_code=each.tracking_code,
                done=each.refusal is None,
                is_repeat=each.is_repeat,
                refused=each.refusal.message(call.language) if each.refusal else None,
            )
            for each in outcomes
        ]
    )


async def list_orders(call: Call, *, matters: CaseMatters | None = None) -> Orders:
    """One page of the orders that wait for a report, or for the supervisor's word on it.

    What is asked and reported of a private case stands on its own page alone.
    """
    query: OrderQuery = call.query
    items, next_cursor = await watch.list_orders(call.unit, cursor=query.cursor, limit=query.limit)
    readable = await matters.titles(call.unit, [item.case_id for item in items]) if matters else {}
    for case_id in readable:
        call.shows(case_id, CaseField.NOTE)
    shown = [item if item.case_id in readable else replace(item, text="", report=None) for item in items]
    return Orders(items=shown, next_cursor=next_cursor)


async def show_orders(call: Call, *, city: City, matters: CaseMatters | None = None) -> Page:
    """The page of orders that wait for a report, or for the supervisor's word on it."""
    found, query = await list_orders(call, matters=matters), call.query
    context = {
        "found": found,
        "first": "/watch/orders" if query.cursor else None,
        "next": "/watch/orders?" + urlencode({"cursor": found.next_cursor}) if found.next_cursor else None,
        "name_of": partial(name_of, city=city, language=call.language),
        "now": call.unit.now,
    }
    return Page(template="sla/orders.html", context=context)


async def act_on_many(
    call: Call, *, rules: DeadlineRules, calendar: Calendar, matters: CaseMatters | None = None
) -> Page:
    """Urge or supervise the chosen cases: first what will be done to which, then what came of each."""
    try:
        chosen = call.read_form(Chosen)
        case_ids = chosen.case_ids
    except BadInput as refusal:
        return _page(call, {}, {}, form_errors(refusal, call.language), refusal.status)
    titles = await _titles(call, case_ids, matters)
    codes = await codes_of(call.unit, case_ids)
    if chosen.step == "confirm" or call.is_draft:
        return _page(call, codes, titles)
    try:
        outcomes = await urge_many(
            call.unit,
            case_ids,
            by=call.principal.name,
            note=chosen.note,
            supervised=chosen.what == "supervise",
            day=chosen.until if chosen.what == "supervise" else None,
            rules=rules,
            calendar=calendar,
        )
    except BadInput as refusal:
        return _page(call, codes, titles, form_errors(refusal, call.language), refusal.status)
    told = [(each, each.refusal.message(call.language) if each.refusal else "") for each in outcomes]
    return Page(
        template="sla/many_done.html",
        context={"told": told, "titles": titles, "what": chosen.what, "query": call.query},
    )


async def back_to_list(call: Call) -> Redirect:
    """What was done is shown once, as the answer to the form; a visit later leads to the list that it was about."""
    return Redirect(to=f"/watch{call.query.kept()}")


async def _titles(
    call: Call, case_ids: Sequence[CaseId], matters: CaseMatters | None
) -> Mapping[CaseId, str]:
    titles = await matters.titles(call.unit, case_ids) if matters else {}
    for case_id in titles:
        call.shows(case_id, CaseField.TITLE)
    return titles


def _page(
    call: Call,
    codes: Mapping[CaseId, str | None],
    titles: Mapping[CaseId, str],
    errors: FormErrors = NO_ERRORS,
    status: int = 200,
) -> Page:
    context = {"codes": codes, "titles": titles, "errors": errors, "typed": call.form, "query": call.query}
    return Page(template="sla/many.html", context=context, status=status)


def api_routes(*, rules: DeadlineRules, calendar: Calendar, matters: CaseMatters | None) -> tuple[Route, ...]:
    """The API's routes. `matters`: what may be read of which case."""
    return (
        Route(
            method="POST",
            path="/api/v1/sla/many",
            answer=partial(act_on_each, rules=rules, calendar=calendar),
            who=_WATCHERS,
            summary="Urge or supervise up to a hundred cases at once; what came of each",
            body=ManyBody,
            returns=ManyDone,
        ),
        Route(
            method="GET",
            path="/api/v1/sla/orders",
            answer=partial(list_orders, matters=matters),
            who=_WATCHERS,
            summary="Orders to departments that are not settled, the first due first",
            query=OrderQuery,
            returns=Orders,
        ),
    )


def page_routes(
    *, city: City, rules: DeadlineRules, calendar: Calendar, matters: CaseMatters | None, query: type
) -> tuple[Route, ...]:
    """The pages. `query`: what leads back to the list."""
    many = partial(act_on_many, rules=rules, calendar=calendar, matters=matters)
    return (
        Route(
            method="GET",
            path="/watch/orders",
            answer=partial(show_orders, city=city, matters=matters),
            who=_WATCHERS,
            summary="Orders to departments",
            query=OrderQuery,
            page=True,
        ),
        Route(
            method="GET",
            path="/watch/many",
            answer=back_to_list,
            who=_WATCHERS,
            summary="Back to the list",
            query=query,
            page=True,
            database=False,
        ),
        Route(
            method="POST",
            path="/watch/many",
            answer=many,
            who=_WATCHERS,
            summary="Urge or supervise many cases at once",
            query=query,
            page=True,
            takes_drafts=True,
        ),
    )
