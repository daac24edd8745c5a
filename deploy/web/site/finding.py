"""To one case by its tracking code: a citizen says it on the telephone, and whoever hears it opens the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec

from deploy.web.site.navigation import home_of
from schemas.errors import NotFound
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Call, Page, Principal, Redirect, Route
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Role

FIND = "/find"
#: Where each role reads a case, if not right below its desk.
_CASES: Mapping[str, str] = {"/watch": "/watch/cases"}
_WHO = frozenset({Role.DEPARTMENT, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})


class KnownCodes(Protocol):
    """Which case a tracking code belongs to."""

    async def find(self, unit: Unit, principal: Principal, typed: str) -> CaseId:
        """The case, however the code was typed.

        Raises:
            NotFound: no such case, or none that this caller may see; `CodeMistyped`: no code of ours.
        """
        ...


class FindQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The tracking code, as it was typed."""

    code: Annotated[str, msgspec.Meta(max_length=64)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPage:
    """The page behind the field that stands on every page of staff."""

    codes: KnownCodes

    async def find(self, call: Call) -> Page | Redirect:
        """To the case where the caller works on it; or the form again, with why not."""
        query: FindQuery = call.query
        if not query.code.strip():
            return _page(query, NO_ERRORS)
        try:
            case_id = await self.codes.find(call.unit, call.principal, query.code)
        except NotFound as refusal:
            return _page(query, form_errors(refusal, call.language, otherwise="code"), refusal.status)
        home = home_of(call.principal.role)
        return Redirect(to=f"{_CASES.get(home, home)}/{case_id}")


def _page(query: FindQuery, errors: FormErrors, status: int = 200) -> Page:
    return Page(template="site/find.html", context={"typed": query.code, "errors": errors}, status=status)


def routes(codes: KnownCodes) -> tuple[Route, ...]:
    """The page that leads staff from a tracking code to its case."""
    page = FindPage(codes=codes)
    return (
        Route(
            method="GET",
            path=FIND,
            answer=page.find,
            who=_WHO,
            summary="To a case by its tracking code",
            page=True,
            query=FindQuery,
        ),
    )
