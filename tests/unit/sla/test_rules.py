"""Deadline rules as data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.city import load_city
from schemas.event import EVENT_TYPES
from schemas.events.handlers import PromiseDecided
from schemas.events.sla import CaseUrged
from schemas.words import Clock, Kind, Urgency
from sla.core.allowance import TimeUnit, parse_allowance
from sla.core.calendar import Calendar
from sla.core.clocks import Term, deadline_of
from sla.core.kinds import SAYS_WHEN, Clocks, Moment, shipped_kinds
from sla.core.rules import CaseTraits, DeadlineRules, load_rules, parse_rules
from sla.core.written import RulesRefused

_TERM = 'allow = "{allow}"\nbasis = "project choice: a test"\n'
_HOTLINE = '[[dispatch]]\nallow = "15 minutes"\nbasis = "project choice: a test"\nchannel = "hotline"\n'
_DISPATCH = '[[dispatch]]\nallow = "2 hours"\nbasis = "project choice: a test"\n'


def _rule(name: str, allow: str, selects: str = "", clocks: tuple[str, ...] = ("reply",)) -> str:
    terms = "".join(f"[rule.{clock}]\n" + _TERM.format(allow=allow) for clock in clocks)
    return f'[[rule]]\nname = "{name}"\n{selects}\n{terms}'


_DEFAULT = _rule("general", "5 working days", clocks=("sign", "reply", "reopened"))


_KNOWN_TERMS = ", ".join(Clocks(kinds=shipped_kinds()).terms)
_STOPPING = ", ".join(sorted(frozenset(Moment) - {Moment.REGISTERED, Moment.MERGED, Moment.MERGED_ANSWERED}))


def _own_calendar(name: str, hours: str = "09:00-17:00") -> str:
    label = 'label = { zh = "大厅", en = "hall" }'
    return f'[own_calendar."{name}"]\nhours = ["{hours}"]\nweekdays = [1]\n{label}\n'


def _rules(*rules: str, dispatch: str = _DISPATCH) -> str:
    return 'version = "t1"\n' + dispatch + _DEFAULT + "".join(rules)


@pytest.fixture(scope="module")
def shipped() -> DeadlineRules:
    """The example city's rules, checked against its departments and categories."""
    return load_rules(None, load_city())


@pytest.mark.parametrize(
    ("kind", "urgency", "expected"),
    [
        ("help", "normal", "5 working days"),
        ("consultation", "normal", "3 working days"),
        ("help", "urgent", "24 hours"),
        ("consultation", "emergency", "2 hours"),
        (None, None, "5 working days"),
    ],
)
def test_shipped_rules(shipped: DeadlineRules, kind: str | None, urgency: str | None, expected: str) -> None:
    """The allowances of the regulations that rules.toml names; an emergency is one whatever it asks."""
    traits = CaseTraits(kind=kind, urgency=urgency, category="x", department="y", channel="web")
    rule = shipped.rule_for(Moment.ASSIGNED, traits)

    assert parse_allowance(expected) == rule.terms["reply"].term.allow


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("kind", list(Kind))
def test_a_part_is_due_before_the_reply_that_waits_for_it(
    shipped: DeadlineRules, china: Calendar, kind: Kind, urgency: Urgency
) -> None:
    """The lead department may not answer before: else it is late whatever it does."""
    traits = CaseTraits(kind=kind.value, urgency=urgency.value)
    asked_at = datetime(2026, 3, 3, 2, tzinfo=UTC)
    due = {
        term.clock: deadline_of(asked_at, term.term, china).due_at
        for moment in (Moment.ASSIGNED, Moment.PART_ASKED)
        for term in shipped.terms_at(moment, traits)
    }

    assert due[Clock.PART] < due[Clock.REPLY]


def test_a_clock_left_out_is_the_defaults(shipped: DeadlineRules) -> None:
    """A rule that says nothing of signing leaves it as it is for everybody."""
    rule = shipped.by_name["consultation"]

    assert shipped.by_name["general"].terms["sign"].term == rule.terms["sign"].term


def test_a_clock_warns_and_escalates_as_its_rule_says(shipped: DeadlineRules) -> None:
    """All three allowances of a line are kept; what a line leaves out is None."""
    general = shipped.by_name["general"]

    assert (
        Term(
            allow=parse_allowance("1 working day"),
            near=parse_allowance("2 working hours"),
            escalate_after=parse_allowance("1 working day"),
        )
        == general.terms["sign"].term
    )
    only = parse_rules(_rules()).by_name["general"].terms["reply"].term
    assert Term(allow=parse_allowance("5 working days")) == only


def test_a_city_s_own_file_is_checked_against_the_city(tmp_path: Path) -> None:
    """A code that the city does not have is refused by name; without a city nobody can tell."""
    file = tmp_path / "rules.toml"
    file.write_text(_rules(_rule("other", "5 days", 'category = "nowhere"')), encoding="utf-8")

    with pytest.raises(RulesRefused, match=r"^other: no category 'nowhere' in taxonomy\.toml$"):
        load_rules(file, load_city())
    assert "other" in load_rules(file).by_name


def test_what_an_editor_puts_before_a_file_is_none_of_it(tmp_path: Path) -> None:
    """Windows marks UTF-8 so, and nobody sees it."""
    file = tmp_path / "rules.toml"
    file.write_text(_rules(), encoding="utf-8-sig")

    assert "general" in load_rules(file).by_name


def test_ids_name_rule_and_version() -> None:
    """A running clock can be traced to the rule and the version it started under."""
    rules = parse_rules(_rules(dispatch=_DISPATCH + _HOTLINE))
    terms = rules.by_name["general"].terms
    (dispatch,) = rules.terms_at(Moment.REGISTERED, CaseTraits(channel="web"))
    (hotline,) = rules.terms_at(Moment.REGISTERED, CaseTraits(channel="hotline"))

    assert "t1" == rules.version
    assert ("general@t1", "general@t1", "general.reopened@t1") == (
        terms["sign"].id,
        terms["reply"].id,
        terms["reopened"].id,
    )
    assert ("dispatch@t1", "dispatch.hotline@t1") == (dispatch.id, hotline.id)


def test_the_most_specific_rule_wins() -> None:
    """Urgency outweighs department, department outweighs category, category outweighs kind."""
    rules = parse_rules(
        _rules(
            _rule("kind", "1 working day", 'kind = "help"'),
            _rule("category", "2 working days", 'category = "c"'),
            _rule("department", "3 working days", 'department = "d"'),
            _rule("both", "4 working days", 'department = "d"\ncategory = "c"'),
            _rule("urgency", "6 working days", 'urgency = "urgent"'),
        )
    )

    def chosen(**case: str) -> str:
        named = {"kind": "report", "urgency": "normal", "category": "x", "department": "y"} | case
        return rules.rule_for(Moment.ASSIGNED, CaseTraits(**named)).name

    assert "general" == chosen()
    assert "kind" == chosen(kind="help")
    assert "category" == chosen(kind="help", category="c")
    assert "department" == chosen(kind="help", department="d")
    assert "both" == chosen(category="c", department="d")
    assert "urgency" == chosen(category="c", department="d", urgency="urgent")


def test_dispatch_by_channel() -> None:
    """A channel's own line, or else the one for all."""
    rules = parse_rules(_rules(dispatch=_DISPATCH + _HOTLINE))

    (hotline,) = rules.terms_at(Moment.REGISTERED, CaseTraits(channel="hotline"))
    (web,) = rules.terms_at(Moment.REGISTERED, CaseTraits(channel="web"))

    assert (parse_allowance("15 minutes"), "dispatch.hotline@t1") == (hotline.term.allow, hotline.id)
    assert (parse_allowance("2 hours"), "dispatch@t1") == (web.term.allow, web.id)


def test_the_short_and_the_long_form_are_one() -> None:
    """A line of `[[dispatch]]` is a rule that states dispatch alone, and never competes with the departments'."""
    long = _rule("hotline", "15 minutes", 'channel = "hotline"', clocks=("dispatch",))
    rules = parse_rules(_rules(long))
    traits = CaseTraits(kind="help", channel="hotline")

    assert ["15 minutes"] == [str(term.term.allow) for term in rules.terms_at(Moment.REGISTERED, traits)]
    assert "general" == rules.rule_for(Moment.ASSIGNED, traits).name


def test_a_clock_without_a_term_does_not_exist() -> None:
    """Which clocks run for a case is what its rule states, the default's terms included."""
    rules = parse_rules(
        'version = "t1"\n'
        + _DISPATCH
        + _rule("general", "5 working days", clocks=("reply", "reopened"))
        + _rule("enquiry", "24 hours", 'kind = "consultation"', clocks=("first_contact",))
    )

    def clocks(kind: str, moment: Moment = Moment.ASSIGNED) -> list[str]:
        return [term.clock for term in rules.terms_at(moment, CaseTraits(kind=kind))]

    assert ["reply"] == clocks("help")
    assert ["first_contact", "reply"] == clocks("consultation")
    assert ["reply"] == clocks("consultation", Moment.REOPENED)


_VISIT = """
[clock.site_visit]
label = { zh = "上门时限", en = "site visit" }
owner = "lead"
starts = { "case.assigned" = "site_visit" }
stops = ["case.replied"]
"""


def test_a_city_describes_clocks_of_its_own() -> None:
    """What it follows stands beside the rules; where a rule states its term, it runs."""
    rules = parse_rules(_rules(_rule("visit", "1 day", 'kind = "help"', clocks=("site_visit",)), _VISIT))

    (term,) = [t for t in rules.terms_at(Moment.ASSIGNED, CaseTraits(kind="help")) if t.clock == "site_visit"]
    assert "visit@t1" == term.id
    assert ["site_visit"] == [c for c in rules.clocks.stopped_by(Moment.REPLIED) if c == "site_visit"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version = ", "Invalid"),
        (_rules(_rule("other", "5 days", 'kind = "gossip"')), "Invalid enum value 'gossip'"),
        (_rules(_rule("other", "5 days", 'knd = "help"')), "unknown field"),
        (_rules(_VISIT.replace("label = ", "lable = ")), "unknown field"),
        (_rules(_VISIT.replace("[clock.site_visit]", '[clock."Visit!"]')), "Invalid enum value"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text: str, problem: str) -> None:
    """A wrong rules file never starts: the reader's own words say where."""
    with pytest.raises(RulesRefused, match=problem):
        parse_rules(text, load_city())


_UNITS = ", ".join(TimeUnit)
_NEAR = '[[dispatch]]\nallow = "{}"\nnear = "{}"\nbasis = "project choice: a test"\n'


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            _rules(_rule("other", "5 wrking", 'kind = "help"')),
            [f"other: reply: '5 wrking' is no allowance: a whole number above 0 and one of {_UNITS}"],
        ),
        (_rules(_rule("other", "5 days")), ["more than one rule for all cases states reply"]),
        (
            _rules(*(_rule(name, "5 days", 'kind = "help"\nurgency = "urgent"') for name in "ab")),
            ["more than one rule for urgency urgent, kind help states reply"],
        ),
        (_rules(_rule("general", "5 days", 'kind = "help"')), ["more than one rule called general"]),
        (
            _rules(_rule("other", "5 days", 'category = "nowhere"')),
            ["other: no category 'nowhere' in taxonomy.toml"],
        ),
        (
            _rules(_rule("other", "5 days", 'department = "nobody"')),
            ["other: no department 'nobody' in departments.toml"],
        ),
        (
            'version = "t"\n' + _DISPATCH + _rule("g", "1 day"),
            ["the default rule must state reopened"],
        ),
        (
            'version = "t"\n' + _DISPATCH + _rule("g", "1 day", 'kind = "help"'),
            [
                "a rule with no kind, urgency, category, department or channel is needed: the default",
                "the default rule must state reopened, reply",
            ],
        ),
        (
            _rules(dispatch=_HOTLINE),
            ["the default rule must state dispatch"],
        ),
        (_rules(dispatch=_DISPATCH + _HOTLINE * 2), [
            "more than one rule called dispatch.hotline",
            "more than one rule for channel hotline states dispatch",
        ]),
        (
            _rules(dispatch=_NEAR.format("2 hours", "2 hours")),
            ["dispatch: the warning (2 hours) must be shorter than the allowance (2 hours)"],
        ),
        (
            _rules(dispatch=_NEAR.format("1 working day", "8 working hours")),
            ["dispatch: the warning (8 working hours) must be shorter than the allowance (1 working day)"],
        ),
        (
            _rules(dispatch=_NEAR.format("1 day", "24 hours")),
            ["dispatch: the warning (24 hours) must be shorter than the allowance (1 calendar day)"],
        ),
        (
            _rules(dispatch=_DISPATCH.replace("project choice: a test", " ")),
            ["dispatch: the basis is empty; name the regulation, or say project choice and why"],
        ),
        (
            _rules(dispatch=_DISPATCH.replace("2 hours", "9999 working days")),
            ["dispatch: 9999 working days is about 14,998 days; more than a year is a mistake"],
        ),
        (
            'calendar = "mars"\n' + _rules(),
            ["calendar 'mars' is none of china, around-the-clock"],
        ),
        (
            _rules() + '[calendar_of]\ntax = "hall"\nnobody = "china"\n',
            [
                "calendar_of tax: 'hall' is none of china, around-the-clock",
                "calendar_of: no department 'nobody' in departments.toml",
            ],
        ),
        (
            _rules() + _own_calendar("china") + _own_calendar("The Hall", "17:00-09:00"),
            [
                "own_calendar china: every city has it; give yours another name",
                "own_calendar 'The Hall': a name is lower-case letters, digits and hyphens",
                "own_calendar The Hall: working hours must be in order, not overlap, and end by 24:00",
            ],
        ),
        (
            _rules(_rule("other", "5 days", 'kind = "help"', clocks=("site_visit",))),
            [f"other: no clock starts under 'site_visit'; known are {_KNOWN_TERMS}"],
        ),
        (
            _rules(_VISIT.replace("[clock.site_visit]", "[clock.reply]")),
            ["clock reply: every city has it, a rules file cannot change what it follows"],
        ),
        (
            _rules(_VISIT.replace('label = { zh = "上门时限", en = "site visit" }', "")),
            ["clock site_visit: a label is needed, with `zh` and `en`"],
        ),
        (
            _rules(_VISIT.replace("case.replied", "case.registered")),
            [f"clock site_visit: `stops` cannot name case.registered: {_STOPPING}"],
        ),
        (
            _rules(_VISIT.replace("case.assigned", "case.registered")),
            ["clock site_visit: nobody leads yet when it starts, so its owner cannot be lead"],
        ),
        (
            _rules(_VISIT.replace('{ "case.assigned" = "site_visit" }', "{}")),
            ["clock site_visit: `starts` is empty"],
        ),
        (
            _rules(_VISIT.replace('owner = "lead"', 'owner = "lead"\ndue = "until"')),
            ["clock site_visit: `due` is `until`, which case.assigned does not say"],
        ),
        (
            _rules(
                _VISIT.replace('owner = "lead"', 'owner = "lead"\ndue = "until"\nends = true\nnear = "1 hour"')
                .replace('"case.assigned" =', '"case.suspended" =')
                .replace("stops = ", 'pauses = ["question.asked"]\nstops = ')
            ),
            ["clock site_visit: `ends`: nobody is late, so it cannot have near, pauses"],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_reason(text: str, problems: list[str]) -> None:
    """Every problem is named, each as one sentence that says where, and nothing else is said."""
    with pytest.raises(RulesRefused) as refused:
        parse_rules(text, load_city())

    assert problems == [*map(str, refused.value.problems)]
    assert "; ".join(problems) == str(refused.value)


def test_what_says_when_is_what_has_such_a_field() -> None:
    """Of each event that is called as its moment; three moments are other events' own."""
    otherwise = {Moment.PROMISED: PromiseDecided, Moment.SUPERVISED: CaseUrged, Moment.ORDERED: CaseUrged}
    events: dict[Moment, Any] = {
        each: EVENT_TYPES[f"{each}.v1"] for each in Moment if f"{each}.v1" in EVENT_TYPES
    }
    for field, moments in SAYS_WHEN.items():
        have = {each for each, event in (events | otherwise).items() if field in event.__struct_fields__}

        assert moments == have - {Moment.SUSPENSION_DECIDED, Moment.PROMISE_DECIDED}


def test_a_warning_shorter_than_its_allowance_is_fine() -> None:
    """By a minute, by an hour of work."""
    for allow, near in (("1 day", "1439 minutes"), ("1 working day", "7 working hours")):
        rules = parse_rules(_rules(dispatch=_NEAR.format(allow, near)))

        (dispatch,) = rules.terms_at(Moment.REGISTERED, CaseTraits(channel="web"))
        assert parse_allowance(near) == dispatch.term.near
