"""Reports for supervisors: listed, read as they were made, taken along as a file, corrected in the open."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec

from schemas.city import City
from schemas.errors import BadInput, NotFound
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Answer, Call, Download, Page, Redirect, Route
from schemas.tables import CONTENT_TYPES, TableFormat, table_file
from schemas.words import Language, Role
from sla.core.calendar import Calendar
from sla.core.figure_kinds import kinds_by_code
from sla.core.readings import FrozenReport, ReportLine
from sla.core.report_body import Numbers, ReportBody, changed_codes
from sla.core.reports import Days, Period
from sla.steps import report as steps
from sla.web.figure_cells import NOT_A_RATE, band_cells, rate_cells, standing_in
from sla.web.words import BANDS, name_of, words_in

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Reports on one page unless more are asked for (project choice: a screen of lines).
_SHOWN = 20
_COLUMNS = (
    "figure", "label", "group", "first", "last", "value", "numerator", "n", "value_without", "numerator_without",
    "n_without", "band", "low", "high", "band_without", "p90", "definition",
)  # fmt: skip


class ReportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which reports, and where the list goes on."""

    period: Period | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN


class FileQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The form in which a report is taken along; none: it is read here."""

    format: TableFormat | None = None


class Erratum(msgspec.Struct, frozen=True, kw_only=True):
    """Why a report is made once more."""

    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """A page of reports, the latest days first."""

    items: Sequence[ReportLine]
    next_cursor: str | None


class ReportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One report as it was made, with every edition of the same days."""

    report: ReportLine
    figures: ReportBody
    editions: Sequence[ReportLine]
    #: How many decisions to leave cases out of figures (不纳入考核), or to count them again, came after it was made and
    #: concern its days, and when the last one did: an erratum counts them.
    late_exclusions: int = 0
    late_exclusion_at: datetime | None = None


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the new edition."""

    number: int


async def list_reports(call: Call) -> Reports:
    """One page of the reports."""
    query: ReportQuery = call.query
    items, next_cursor = await steps.list_reports(
        call.unit, period=query.period, cursor=query.cursor, limit=query.limit
    )
    return Reports(items=items, next_cursor=next_cursor)


async def show_report(call: Call) -> ReportAnswer:
    """One report, with every edition of its days."""
    found = await steps.read_report(call.unit, number_of(call))
    late, at = await steps.decided_since(call.unit, found)
    return ReportAnswer(
        report=found.line,
        figures=found.body,
        editions=found.editions,
        late_exclusions=late,
        late_exclusion_at=at,
    )


def number_of(call: Call) -> int:
    """The report's number in the path.

    Raises:
        NotFound: that is none.
    """
    number = call.path["number"]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound
    return int(number)


async def correct(call: Call, *, calendar: Calendar) -> Corrected:
    """Make it once more, with a reason."""
    body: Erratum = call.body
    number = await steps.make_erratum(
        call.unit, number_of(call), by=call.principal.name, reason=body.reason, calendar=calendar
    )
    return Corrected(number=number)


async def reports_page(call: Call) -> Page:
    """The list as a page."""
    return Page(template="sla/reports.html", context={"found": await list_reports(call), "query": call.query})


async def report_page(call: Call, *, city: City, calendar: Calendar) -> Page | Download:
    """One report as a page, or as a file."""
    found = await steps.read_report(call.unit, number_of(call))
    query: FileQuery = call.query
    if query.format is None:
        return await _page(call, found, city)
    body = table_file(_COLUMNS, _rows(call, found, city), query.format, calendar.zone)
    name = f"report-{found.line.period}-{found.line.first}-{found.line.edition}.{query.format}"
    return Download(body=body, content_type=CONTENT_TYPES[query.format], filename=name)


async def _page(
    call: Call, found: FrozenReport, city: City, errors: FormErrors = NO_ERRORS, status: int = 200
) -> Page:
    former = next((each for each in found.editions if each.edition == found.line.edition - 1), None)
    changed: Sequence[str] = ()
    late, late_at = await steps.decided_since(call.unit, found)
    if former is not None:
        changed = changed_codes((await steps.read_report(call.unit, former.number)).body, found.body)
    context = {
        "report": found,
        "changed": changed,
        "late": late,
        "late_at": late_at,
        "bands": words_in(BANDS, call.language),
        "kinds": kinds_by_code(),
        "errors": errors,
        "reason": call.form.get("reason", ""),
        "name_of": partial(name_of, "department", city=city, language=call.language),
        "resend": call.form,
    }
    return Page(template="sla/report.html", context=context, status=status)


async def correct_on_page(call: Call, *, city: City, calendar: Calendar) -> Page | Redirect:
    """The same from the page; what was refused is said there."""
    found = await steps.read_report(call.unit, number_of(call))
    if call.is_draft:
        return await _page(call, found, city)
    try:
        reason = call.read_form(Erratum).reason
        number = await steps.make_erratum(
            call.unit, found.line.number, by=call.principal.name, reason=reason, calendar=calendar
        )
    except BadInput as refusal:
        errors = form_errors(refusal, call.language, otherwise="reason")
        return await _page(call, found, city, errors, refusal.status)
    return Redirect(to=f"/watch/reports/{number}")


def _rows(call: Call, found: FrozenReport, city: City) -> Iterator[Mapping[str, Any]]:
    language, body = call.language, found.body
    for key, group, days, numbers in _groups(found, city, language):
        for meaning in body.meanings:
            yield {
                "figure": meaning.code, "label": meaning.label.message(language), "group": group,
                "first": days.first.isoformat(), "last": days.last.isoformat(),
                "definition": meaning.definition.message(language), **_cells(numbers, meaning.code),
                **band_cells(standing_in(body.tiers, meaning.code, key)),
            }  # fmt: skip


def _groups(
    found: FrozenReport, city: City, language: Language
) -> Iterator[tuple[str | None, str, Days, Numbers]]:
    days, body = Days(found.line.first, found.line.last), found.body
    for key, numbers in body.departments.items():
        yield key, name_of("department", key or None, city, language), days, numbers
    total = language.choose("合计", "total")
    yield None, total, days, body.total
    for other in (body.before, body.year_ago):
        yield None, total, Days(other.first, other.last), other.total


def _cells(numbers: Numbers, code: str) -> Mapping[str, Any]:
    if code in numbers.rates:
        rate = numbers.rates[code]
        return rate_cells(rate)
    if code in numbers.times:
        time = numbers.times[code]
        return {**NOT_A_RATE, "value": time.median, "numerator": None, "n": time.n, "p90": time.p90}
    return {**NOT_A_RATE, "value": numbers.counts.get(code), "numerator": None, "n": None, "p90": None}


def api_routes(*, calendar: Calendar) -> tuple[Route, ...]:
    """The API's routes for reports and their errata."""
    path = "/api/v1/sla/reports"
    one = f"{path}/{{number}}"
    return (
        _route("GET", path, list_reports, "Reports, those of the latest days first", query=ReportQuery, returns=Reports),
        _route("GET", one, show_report, "A report as it was made", returns=ReportAnswer),
        _route(
            "POST", f"{one}/erratum", partial(correct, calendar=calendar), "Make a report once more; the former stays",
            body=Erratum, returns=Corrected,
        ),
    )  # fmt: skip


def page_routes(*, city: City, calendar: Calendar) -> tuple[Route, ...]:
    """The pages of reports and their errata."""
    one = "/watch/reports/{number}"
    shown = partial(report_page, city=city, calendar=calendar)
    corrected = partial(correct_on_page, city=city, calendar=calendar)
    return (
        _route("GET", "/watch/reports", reports_page, "Reports", query=ReportQuery, page=True),
        _route("GET", one, shown, "A report, or its file", query=FileQuery, page=True, takes_long=True),
        _route("POST", f"{one}/erratum", corrected, "Correct a report", page=True, takes_drafts=True),
    )


def _route(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=_WATCHERS, summary=summary, **more)
