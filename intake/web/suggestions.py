"""Answers that are offered before a message is sent: over the API, and beside the form while its title is typed."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

import msgspec

from intake.core.draft import TEXT_LIMIT, TITLE_LIMIT
from intake.core.secrecy.fields import asks_beside
from intake.steps.suggest import Suggestion
from intake.web.dependencies import Dependencies
from intake.web.published import MARKING
from schemas.http import ANYONE, Call, Limit, Page, Route
from schemas.words import Kind

#: A title and a text (project choice: each character in three bytes, with room).
_MOST_BYTES = 48 * 1024


#: Characters of a text that an address may hold (project choice: more than is compared); what is longer is cut.
_TEXT_IN_ADDRESS = 500


class SuggestionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to send. From eight characters of a title on something may be found.

    Proxies log addresses: whatever is not sent yet is better asked by POST. `text` counts up to 500 characters.
    """

    title: Annotated[str, msgspec.Meta(max_length=TITLE_LIMIT)] = ""
    text: str = ""
    kind: str | None = None
    confidential: bool = False


class SuggestionsBody(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to send. A `kind` of `report`, or `confidential`, is offered nothing."""

    title: Annotated[str, msgspec.Meta(max_length=TITLE_LIMIT)] = ""
    text: Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT)] = ""
    kind: str | None = None
    confidential: bool | None = None


class OfferedAnswer(Suggestion, frozen=True, kw_only=True):
    """A published answer or a checked entry that may have answered it, and where it is read."""

    department_name: str
    url: str


class OfferedAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """Three answers at most, the nearest first; which of them fits, if any, the citizen says."""

    items: list[OfferedAnswer]


async def list_suggestions(call: Call, *, dependencies: Dependencies) -> OfferedAnswers:
    """What may have answered this before; nothing for what must not wait. What was typed is kept nowhere."""
    asked: SuggestionsQuery = call.query
    return await _list(call, asked, asked.text[:_TEXT_IN_ADDRESS], dependencies)


async def find_suggestions(call: Call, *, dependencies: Dependencies) -> OfferedAnswers:
    """As `list_suggestions`, of a body: what is not sent yet stands in no address, which proxies log."""
    asked: SuggestionsBody = call.body
    return await _list(call, asked, asked.text, dependencies)


async def _list(
    call: Call, asked: SuggestionsQuery | SuggestionsBody, text: str, dependencies: Dependencies
) -> OfferedAnswers:
    # As with a message: secrecy is asked for by a field of whatever name.
    if asked.kind == Kind.REPORT or asked.confidential or asks_beside(call.raw_body):
        return OfferedAnswers(items=[])
    return OfferedAnswers(items=await _offered(call, asked.title, text, dependencies))


async def show_suggestions(call: Call, *, dependencies: Dependencies) -> Page:
    """The suggestions as a part of the form's page; empty where there is nothing to offer."""
    form = call.form
    items = [] if _passes(form) else await _offered(call, _title(form), _text(form), dependencies)
    context = {"suggestions": items, "is_scripted": True, **MARKING}
    return Page(template="intake/suggestions.html", context=context)


async def show_solved(_call: Call) -> Page:
    """The page for somebody who found the answer and need not send anything."""
    return Page(template="intake/solved.html")


async def before_sending(
    call: Call, form: Mapping[str, str], dependencies: Dependencies
) -> Sequence[OfferedAnswer]:
    """What to show once before a form is taken whose browser runs no script; otherwise nothing stops it."""
    if form.get("unscripted") != "yes" or form.get("offered") or _passes(form):
        return ()
    return await _offered(call, _title(form), _text(form), dependencies)


async def _offered(call: Call, title: str, text: str, dependencies: Dependencies) -> list[OfferedAnswer]:
    return [
        _offered_answer(found, call, dependencies) for found in await dependencies.suggestions(title, text)
    ]


def _offered_answer(found: Suggestion, call: Call, dependencies: Dependencies) -> OfferedAnswer:
    department = dependencies.city.department.get(found.department)
    return OfferedAnswer(
        **msgspec.structs.asdict(found),
        department_name=department.name(call.language) if department else found.department,
        url=f"/published/{found.tracking_code}" if found.tracking_code else f"/knowledge/{found.entry_id}",
    )


def _passes(form: Mapping[str, str]) -> bool:
    """Whoever reports somebody, or asks for secrecy, is offered nothing."""
    return form.get("kind") == Kind.REPORT or form.get("confidential") == "yes"


def _title(form: Mapping[str, str]) -> str:
    return form.get("title", "")[:TITLE_LIMIT]


def _text(form: Mapping[str, str]) -> str:
    return form.get("text", "")[:TEXT_LIMIT]


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The API's routes for suggestions before filing."""
    return (
        Route(
            method="GET",
            path="/api/v1/suggestions",
            answer=partial(list_suggestions, dependencies=dependencies),
            who=ANYONE,
            summary="Published answers that may have answered a message before it is sent; POST keeps it out of logs.",
            query=SuggestionsQuery,
            returns=OfferedAnswers,
            limit=Limit.SUGGESTIONS,
            database=False,
        ),
        Route(
            method="POST",
            path="/api/v1/suggestions",
            answer=partial(find_suggestions, dependencies=dependencies),
            who=ANYONE,
            summary="The same of what is not sent yet, which stands in no address.",
            body=SuggestionsBody,
            returns=OfferedAnswers,
            limit=Limit.SUGGESTIONS,
            database=False,
        ),
    )


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """The part of the form, and the page for whoever was helped."""
    return (
        Route(
            method="POST",
            path="/submit/suggestions",
            answer=partial(show_suggestions, dependencies=dependencies),
            who=ANYONE,
            summary="Suggestions",
            page=True,
            limit=Limit.SUGGESTIONS,
            database=False,
            max_body_bytes=_MOST_BYTES,
        ),
        Route(
            method="GET",
            path="/submit/solved",
            answer=show_solved,
            who=ANYONE,
            summary="Solved",
            page=True,
            limit=Limit.FORMS,
            database=False,
        ),
    )
