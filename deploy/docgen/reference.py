"""Settings, metrics, routes and the lifecycle, each as a page made from the code that defines it."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic import AliasChoices, AliasPath, SecretStr
from pydantic.fields import FieldInfo

from deploy.observability.metrics import SERIES
from deploy.processes.serve import all_routes
from deploy.reconcile.fates import FATES
from deploy.settings import Settings
from handlers.core.lifecycle import diagram
from schemas.http import Route
from sla.core.calendar import china_calendar
from sla.core.figure_kinds import figure_kinds

#: What routes and commands are composed with that are only written about.
EXAMPLE = Settings(secret_key=SecretStr("an example, used for documents only"))
_METHODS = ("GET", "POST")


def settings() -> str:
    """The text of docs/settings.md: every setting with its default."""
    rows = [
        f"| `{_variable(name, field)}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    opening = (
        "All of them are environment variables, read once when a process starts. Unset means the default; a command on a\n"
        "machine where `huiyin up` runs then uses the servers and the secret of that `up`."
    )
    return "\n".join(
        ["# Settings", "", opening, "", "| variable | default | meaning |", "|---|---|---|", *rows, ""]
    )


def metrics() -> str:
    """The text of docs/metrics.md: every metric that processes report."""
    rows = [
        f"| `{name}` | {series.type} | {', '.join(series.labels)} | {series.meaning} |"
        for name, series in sorted(SERIES.items())
    ]
    opening = (
        "Prometheus, at `/metrics` of the web, for every process (`process`, and `replica` which of its kind), to this\n"
        "machine and to administrators' tokens; of one process alone at `/metrics` on its `METRICS_PORT`.\n"
        "Every process shows what has no labels of its own, and 0 where it is another's to measure: ask for the `max`\n"
        "of a gauge. A series with labels begins when there is something to say: `increase` misses the first\n"
        "([how to ask](operations.md#what-to-watch))."
    )
    table = ["| name | type | labels | meaning |", "|---|---|---|---|", *rows]
    return "\n".join(["# Metrics", "", opening, "", *table, ""])


def restoring() -> str:
    """The text of docs/restoring.md: what becomes of each event that only Kafka has, once an older copy was restored."""
    by_topic = sorted(FATES, key=lambda each: (each.producer, each.type))
    rows = [
        f"| `{each.type}` | {FATES[each].value} | {(each.__doc__ or '').splitlines()[0]} |"
        for each in by_topic
    ]
    opening = (
        "An older copy of Postgres was restored, and Kafka still has what was said since. `huiyin reconcile` then\n"
        "decides by the event. **Brought back**: it is done once more, in the name of who did it, where the case\n"
        "stands as it did then; what can no longer be is listed. **Follows**: nobody's own deed; it comes by itself\n"
        "with what is brought back, or was decided by something that is listed. **Listed**: somebody's deed that\n"
        "nobody can do for them; the command names the event, the case, the moment and whose it was, so that they do\n"
        "it again. It stays on the list while Kafka has it, whether it was done again or not. A case that the rules\n"
        "routed is routed by them again. Files come back with what named them, where they still lie; the others are\n"
        "named. What is on no topic (notes and files added at the desk, accounts, tokens, entries' drafts) nobody lists."
    )
    head = [
        "# After restoring an older copy",
        "",
        opening,
        "",
        "| event | then | what it tells of |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def figures() -> str:
    """The text of docs/figures.md: every figure with what it counts, in both languages."""
    kinds = figure_kinds()
    counts = [
        f"| `{each.code}` | {each.label.zh} · {each.label.en} | {_both(each.definition)} |"
        for each in kinds.count
    ]
    rates = [
        f"| `{each.code}` | {each.label.zh} · {each.label.en} | "
        + f"`{each.numerator}{_least(each.least)}` ÷ `{each.denominator}` | "
        + f"{_both(each.definition)} | {_both(each.of)} | {_both(each.silence)} |"
        for each in kinds.rate
    ]
    times = [
        f"| `{each.code}` | {each.label.zh} · {each.label.en} | {_both(each.definition)} | {_both(each.of)} "
        f"| {_both(each.silence)} |"
        for each in kinds.time
    ]
    head = "| code | name | {}definition | who was asked | what silence counts as |"
    return "\n".join(
        [
            *_FIGURES.splitlines(), "",
            "## Counts", "", "| code | name | definition |", "|---|---|---|", *counts, "",
            "## Rates", "", head.format("numerator ÷ denominator | "), "|---|---|---|---|---|---|", *rates, "",
            "## Times: median and ninth decile", "", head.format(""), "|---|---|---|---|---|", *times, "",
        ]
    )  # fmt: skip


#: Project choice: what a city that is asked about its numbers must be able to say.
_FIGURES = """# Figures

What supervisors see at `/watch/figures` and get from `GET /api/v1/sla/figures` (`rates`, `times`, `kinds`), by department,
category, region or channel. [sla/data/figures.toml](../sla/data/figures.toml) is the one place that says it. Days are the
city's calendar days, both included. Each rate stands with its numerator and its n; of nothing there is no rate. A number
without its question says little: Chinese cities report 95 to 97 % satisfied, an independent survey in New York found 36 of
100, and who asked whom is most of the difference.

How they are counted: a case that has ended is added to sums of days and months (`sla.tally`) some ten minutes later, off
every message's path; whatever changes it afterwards takes it out again. What is not counted yet is read as it is, so that
a span of three years costs what a span of a week does, and grows with neither the years nor the cases. Each number leads
to the cases that it counts (`/watch/figures/cases`, `GET /api/v1/sla/figures/cases`), the latest day first: a day's are
found by an index of the number itself (`counted_marks`), so that a page reads what it shows. What is told in confidence, a
report, or accuses somebody is in none ([decision 34](decisions/0034-protected-cases-in-no-number.md)); how many such
came is told by whole months that are over, in bands of five (`protected`). A breach is of who
held the case when it was due ([deadlines](deadlines.md)). By department, a case that several led counts for each of them
where the definition says so, so departments may add up to more than the total.

Reports (`/watch/reports`, `GET /api/v1/sla/reports`) are made by the sweeper once a day, a week from Monday or a month is
over, an hour after midnight (project choice: all that ended before is counted by then); seven days, four weeks and two
months are made up for after an outage. None is made before the consumer of the clocks (`work sla`) has heard all of its
days, and what was missed in them is told: where that stands, reports wait for it (`sweep` is not ready after a minute,
and says how far behind). They are rows that nobody can change. Beside their figures stand those of the same
days of the week before (of a month: the month before) and of 364 days before (of a month: the same month of the year
before), and what each figure meant when the report was made. An erratum is another edition, with a reason, where the
figures are not what they were; every edition stays. Each number of a report leads to its cases
(`/watch/reports/{number}/cases`, `GET /api/v1/sla/reports/{number}/cases`): those that are counted in its days now,
with how many it counted then (`counted_then`), how many that are now (`counted_now`), and which were counted anew
since or are not over (`changed_since`). A report keeps numbers, not cases: one that has left a number since is not
named; that the two differ, or that others are marked, tells of it.

Exclusions (不纳入考核): a department that led a case may ask (`/exclusions/{case_id}`, linked from the desk; `POST
/api/v1/desk/cases/{case_id}/exclude`) that it be left out of single rates, or of all (`case`), with a reason of a
list and in words, within ten working days after the case's end or its citizen's last word on it. A supervisor outside
the department decides with a reason (`/exclusions`, `POST /api/v1/sla/exclusions/{case_id}/judge`); what is refused
may be appealed once (考核申诉), and another supervisor than the first decides; taking the appeal back opens no second
request, and whoever refused does not revoke what the appeal granted. Each step waits with its age and its term, which
[sla/data/exclusions.toml](../sla/data/exclusions.toml) says (project choices); what was granted may be revoked by a
supervisor or taken back by the department. Each step is in the case's log, and `huiyin audit verify` compares
them.

Both numbers are told wherever a rate is: of all cases, and `without` what is left out (numerator and n each), in the
API, pages, reports and files; each leads to the cases that are left out (`excluded`). Counts and times count every
case. How it is counted: what a rate is made of is counted a second time as `excluded.RATE.MEASURE` (`sla.exclusion`
says of whom).

- Left out is what counts for the department that asked, and what counts for all cases, for categories, districts and
  channels; a department that did not ask keeps its own number.
- It is about one end of the case. A case that is reopened, by an objection or a call-back, is counted with its new
  deadline: what was granted before has lapsed, and the next end may be asked about. So has a request that waits.
- A rating or a call-back that comes later is left out with the case where that rate is.
- A merged case is counted with the other one: nobody asks about it. One that has not ended is not asked about,
  either.
- Protected cases stand in no number, so that there is nothing to leave out: whoever has one is told so, and a case
  that becomes protected later leaves every list of requests.
- A report does not change, nor do its bands. What was decided after it was made is told beside it
  (`late_exclusions`); an erratum counts it."""


def _both(words: Any) -> str:
    return f"{words.zh}<br>{words.en}"


def _least(least: int | None) -> str:
    return "" if least is None else f" >= {least}"


def lifecycle() -> str:
    """The text of docs/lifecycle.md: what may happen to a case in each state."""
    opening = (
        "What can happen to a case in each state, and who may do it. Made from the table in\n"
        "[handlers/core/lifecycle.py](../handlers/core/lifecycle.py), which desk and API are made from, too."
    )
    return f"# Lifecycle of a case\n\n{opening}\n\n```mermaid\n{diagram().rstrip()}\n```\n"


def routes() -> str:
    """The text of docs/routes.md: every route with its callers."""
    every = every_route()
    api = [route for route in every if not route.page]
    pages = [route for route in every if route.page]
    opening = (
        "Who may call what, and what it counts against ([limits](operations.md#limits)).\n"
        "Bodies and answers: `/openapi.json` of a running server."
    )
    parts = ["# Routes", "", opening, "", "## API", "", *_route_table(api)]
    return "\n".join([*parts, "", "## Pages", "", *_route_table(pages), ""])


def every_route() -> Sequence[Route]:
    """Every route, composed as the web process composes them, with nothing behind it."""
    nothing = cast("Any", None)
    return all_routes(EXAMPLE, nothing, nothing, china_calendar())


def _route_table(listed: Sequence[Route]) -> Sequence[str]:
    order = sorted(listed, key=lambda route: (route.path, _METHODS.index(route.method)))
    rows = [
        f"| {route.method} | `{route.path}` | {_who(route)} | {_limit(route)} | {route.summary} |"
        for route in order
    ]
    return ["| method | path | who | limit | what |", "|---|---|---|---|---|", *rows]


def _limit(route: Route) -> str:
    counted = [route.limit.value] if route.limit is not None else []
    return ", ".join([*counted, *(["guesses"] if route.guess else [])])


def _who(route: Route) -> str:
    return ", ".join(sorted(role.value for role in route.who)) or "anyone"


def _variable(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices | AliasPath):
        raise TypeError(f"{name} has several names; document one")
    return (alias or name).upper()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return f"`{plain}`" if plain not in (None, "", {}) else ""
