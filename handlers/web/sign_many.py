"""The page that says what came of signing for many cases at once (批量签收)."""

from functools import partial
from typing import Final

from handlers.steps.sign_many import sign_many
from schemas.chosen import chosen_cases
from schemas.city import City
from schemas.errors import BadInput
from schemas.http import Call, Page, Route
from schemas.words import CaseField, Role

_PATH: Final = "/desk/sign-many"
#: Where the list of those to sign for is.
_LIST: Final = "/desk?state=assigned"


async def sign_on_page(call: Call, *, city: City) -> Page:
    """Sign for those that were chosen, and say what came of each."""
    try:
        seen = chosen_cases(call.form.get("case", ""))
    except BadInput as refusal:
        said = [error.message(call.language) for error in refusal.errors]
        return Page(template="handlers/signed_many.html", context=_context(said=said), status=refusal.status)
    told = await sign_many(call.unit, call.principal, seen, city)
    for one in told:
        if one.tracking_code is not None:
            call.shows(one.case_id, CaseField.TITLE)
    refused = [(one, one.refusal.message(call.language) if one.refusal else "") for one in told]
    return Page(template="handlers/signed_many.html", context=_context(told=refused))


def _context(**more: object) -> dict[str, object]:
    return {"told": (), "said": (), "back": _LIST, "way_back": _LIST, **more}


def sign_many_routes(*, city: City) -> tuple[Route, ...]:
    """The page, to stand before those of one case, which it looks like."""
    return (
        Route(
            method="POST",
            path=_PATH,
            answer=partial(sign_on_page, city=city),
            who=frozenset({Role.DEPARTMENT}),
            page=True,
            summary="Sign for many cases at once (批量签收)",
        ),
    )
