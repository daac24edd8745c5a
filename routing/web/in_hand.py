"""What departments have in hand, and moving many of them at once (批量改派), as when a department leaves the city."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, Literal

import msgspec

from routing.core.decisions.review import RoutingCase
from routing.steps import move_many as steps
from routing.web.views import DISPATCHERS
from routing.web.words import FIELD_NAMES
from schemas.chosen import MOST_CHOSEN, chosen_cases
from schemas.city import City
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Call, Page, Route
from schemas.ids import CaseId, DepartmentCode, is_uuid
from schemas.words import CaseField

PATH: Final = "/review/in-hand"


class InHandQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Whose cases, and behind which of them."""

    department: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    after: Annotated[str, msgspec.Meta(max_length=36)] | None = None


class MoveMany(msgspec.Struct, frozen=True, kw_only=True):
    """What the forms say: which cases as of which version, where to and why, and whether that was confirmed."""

    case: str = ""
    lead: Annotated[str, msgspec.Meta(max_length=64)] = ""
    remarks: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    step: Literal["confirm", "send"] = "confirm"

    @property
    def seen(self) -> Mapping[CaseId, int]:
        """The version that was shown of each case.

        Raises:
            BadInput: none, too many, or what is no case of ours.
        """
        return chosen_cases(self.case)


async def show_in_hand(call: Call, *, city: City) -> Page:
    """The cases that a department has in hand, to be chosen from; those that the city has no more stand first."""
    query: InHandQuery = call.query
    counts = await steps.count_in_hand(call.unit)
    gone = [code for code in sorted(counts) if code not in city.department]
    chosen = query.department or (gone[0] if gone else "")
    after = CaseId(query.after) if query.after and is_uuid(query.after) else None
    rows, last = await _rows(call, DepartmentCode(chosen), after) if chosen else ([], None)
    context = {
        "counts": counts,
        "gone": gone,
        "chosen": chosen,
        "rows": rows,
        "standings": await steps.read_movable(call.unit, rows),
        "after": after,
        "next_after": last.case_id if last else None,
    }
    return Page(template="routing/in_hand.html", context=context)


async def _rows(
    call: Call, lead: DepartmentCode, after: CaseId | None
) -> tuple[Sequence[RoutingCase], RoutingCase | None]:
    rows, last = await steps.read_in_hand(call.unit, lead, after, MOST_CHOSEN)
    _show_titles(call, rows)
    return rows, last


def _show_titles(call: Call, found: Sequence[RoutingCase]) -> None:
    for case in found:
        call.shows(case.case_id, CaseField.TITLE)


async def move_on_page(call: Call, *, city: City) -> Page:
    """First what will be moved, for where it goes and why; then what came of each."""
    try:
        said = call.read_form(MoveMany)
        seen = said.seen
    except BadInput as refusal:
        return _confirm(call, city, {}, {}, form_errors(refusal, call.language), refusal.status)
    found = await steps.find_all(call.unit, list(seen))
    _show_titles(call, list(found.values()))
    if said.step == "confirm" or call.is_draft:
        return _confirm(call, city, seen, found)
    try:
        told = await steps.move_many(
            call.unit, city, seen, DepartmentCode(said.lead), said.remarks.strip(), call.principal.name
        )
    except BadInput as refusal:
        errors = form_errors(refusal, call.language, labels=FIELD_NAMES)
        return _confirm(call, city, seen, found, errors, refusal.status)
    context: dict[str, Any] = {
        "told": [(one, one.refusal.message(call.language) if one.refusal else "") for one in told],
        "lead": said.lead,
        "way_back": PATH,
    }
    return Page(template="routing/moved_many.html", context=context)


def _confirm(
    call: Call,
    city: City,
    seen: Mapping[CaseId, int],
    found: Mapping[str, RoutingCase],
    errors: FormErrors = NO_ERRORS,
    status: int = 200,
) -> Page:
    leads = {case.lead for case in found.values()}
    context = {
        "seen": seen,
        "found": found,
        "departments": [each for each in city.departments if leads != {each.code}],
        "errors": errors,
        "typed": call.form,
        "resend": call.form,
    }
    return Page(template="routing/move_many.html", context=context, status=status)


def page_routes(*, city: City) -> tuple[Route, ...]:
    """The pages, to stand before that of one case, which they look like."""
    return (
        Route(method="GET", path=PATH, answer=partial(show_in_hand, city=city), who=DISPATCHERS, page=True,
              query=InHandQuery, summary="What a department has in hand, to be moved"),
        Route(method="POST", path=PATH, answer=partial(move_on_page, city=city), who=DISPATCHERS, page=True,
              takes_drafts=True, summary="Move many cases in hand to another department"),
    )  # fmt: skip
