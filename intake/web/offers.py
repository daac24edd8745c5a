"""What became of suggestions: opened, settled; and the figures of knowledge for whoever tends it."""

from functools import partial
from typing import Any, Literal

import msgspec

from intake.core.public.offers import FigureLine, KnowledgeFigures, UnopenedEntry, lines
from intake.steps.offers import note_solved, open_offered, read_figures
from intake.web import outcomes
from intake.web.dependencies import Dependencies
from schemas.http import ANYONE, Call, Download, Limit, Page, Redirect, Route
from schemas.tables import CONTENT_TYPES, table_file
from schemas.words import Role

#: Those who have knowledge written, and those who watch over it.
_WHO = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_PERIODS = ("7", "30", "90")
_COLUMNS = ("field", "name", "value", "percent", "first_day", "last_day", "definition")


class FiguresQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The last so many days, today among them."""

    days: Literal["7", "30", "90"] = "30"


class FiguresOfKnowledge(msgspec.Struct, frozen=True, kw_only=True):
    """Each figure with what it counts; entries that nobody opened, twenty at most."""

    first_day: str
    last_day: str
    items: list[FigureLine]
    unopened: list[UnopenedEntry]


async def open_one(call: Call, *, dependencies: Dependencies) -> Redirect:
    """Count the suggestion as opened, and lead on to it."""
    return Redirect(to=await open_offered(call.unit, call.path["item"], dependencies.zone))


async def settle(call: Call, *, dependencies: Dependencies) -> Redirect:
    """To the page for whoever was helped. Nothing of what was typed is kept."""
    items = [item for item in call.form.get("item", "").split(",") if item]
    phone = call.form.get("phone", "").strip()
    await note_solved(call.unit, items, phone, dependencies.keys, dependencies.zone)
    return Redirect(to="/submit/solved")


async def _figures(call: Call, dependencies: Dependencies) -> KnowledgeFigures:
    if dependencies.facts is None:
        raise LookupError("this installation composes no facts of knowledge")
    return await read_figures(call.unit, int(call.query.days), dependencies.zone, dependencies.facts)


def _lines(call: Call, figures: KnowledgeFigures) -> list[FigureLine]:
    return list(lines(figures, call.language))


async def list_figures(call: Call, *, dependencies: Dependencies) -> FiguresOfKnowledge:
    """What knowledge did in the period that was asked for."""
    found = await _figures(call, dependencies)
    return FiguresOfKnowledge(
        first_day=f"{found.first_day}",
        last_day=f"{found.last_day}",
        items=_lines(call, found),
        unopened=list(found.unopened),
    )


async def show_figures(call: Call, *, dependencies: Dependencies) -> Page:
    """The same as a page, with the periods to choose from."""
    found = await _figures(call, dependencies)
    context = {"found": found, "lines": _lines(call, found), "periods": _PERIODS, "days": call.query.days}
    return Page(template="intake/knowledge_figures.html", context=context)


async def export_figures(call: Call, *, dependencies: Dependencies) -> Download:
    """The same as a table for a spreadsheet."""
    found = await _figures(call, dependencies)
    days = {"first_day": found.first_day, "last_day": found.last_day}
    rows = ({**msgspec.structs.asdict(line), **days} for line in _lines(call, found))
    body = table_file(_COLUMNS, rows, "csv", dependencies.zone)
    return Download(body=body, content_type=CONTENT_TYPES["csv"], filename=f"knowledge-{found.last_day}.csv")


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The figures of knowledge, for programs."""
    if dependencies.facts is None:
        return ()
    return (
        Route(method="GET", path="/api/v1/review/knowledge", answer=partial(list_figures, dependencies=dependencies),
              who=_WHO, summary="What knowledge entries and suggestions do.", query=FiguresQuery,
              returns=FiguresOfKnowledge, takes_long=True),
    )  # fmt: skip


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """What buttons of the form lead to, and the figures, for people."""
    bound: Any = {"dependencies": dependencies}
    public = (
        Route(method="GET", path="/submit/offered/{item}", answer=partial(open_one, **bound), who=ANYONE,
              summary="To a suggestion", page=True, limit=Limit.READING),
        Route(method="POST", path="/submit/solved", answer=partial(settle, **bound), who=ANYONE,
              summary="It is settled", page=True, limit=Limit.FORMS),
        *outcomes.pages(dependencies),
    )  # fmt: skip
    if dependencies.facts is None:
        return public
    return (
        *public,
        Route(method="GET", path="/review/knowledge", answer=partial(show_figures, **bound), who=_WHO,
              summary="Figures of knowledge", page=True, query=FiguresQuery, takes_long=True),
        Route(method="GET", path="/review/knowledge.csv", answer=partial(export_figures, **bound), who=_WHO,
              summary="Figures of knowledge, as a table", page=True, query=FiguresQuery, takes_long=True),
    )  # fmt: skip
