"""Deadline rules as data."""

import pytest

from schemas.city import load_city
from sla.core.allowance import parse_allowance
from sla.core.rules import DeadlineRules, RulesRefused, load_rules, parse_rules

_TERM = 'allow = "{allow}"\nbasis = "project choice: a test"\n'
_DISPATCH = '[[dispatch]]\nallow = "2 hours"\nbasis = "project choice: a test"\n'


def _rule(name: str, allow: str, selects: str = "", clocks: tuple[str, ...] = ("reply",)) -> str:
    terms = "".join(f"[rule.{clock}]\n" + _TERM.format(allow=allow) for clock in clocks)
    return f'[[rule]]\nname = "{name}"\n{selects}\n{terms}'


_DEFAULT = _rule("general", "5 working days", clocks=("sign", "reply", "reopened"))


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
    rule = shipped.rule_for(kind=kind, urgency=urgency, category="x", department="y")

    assert parse_allowance(expected) == rule.reply.allow


def test_a_clock_left_out_is_the_defaults(shipped: DeadlineRules) -> None:
    """A rule that says nothing of signing leaves it as it is for everybody."""
    rule = shipped.by_name["consultation"]

    assert shipped.by_name["general"].sign == rule.sign


def test_ids_name_rule_and_version(shipped: DeadlineRules) -> None:
    """A running clock can be traced to the rule and the version it started under."""
    assert f"urgent@{shipped.version}" == shipped.by_name["urgent"].id
    assert f"urgent.reopened@{shipped.version}" == shipped.by_name["urgent"].reopened_id


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
        return rules.rule_for(**named).name

    assert "general" == chosen()
    assert "kind" == chosen(kind="help")
    assert "category" == chosen(kind="help", category="c")
    assert "department" == chosen(kind="help", department="d")
    assert "both" == chosen(category="c", department="d")
    assert "urgency" == chosen(category="c", department="d", urgency="urgent")


def test_dispatch_by_channel() -> None:
    """A channel's own line, or else the one for all."""
    rules = parse_rules(
        _rules(dispatch=_DISPATCH + _DISPATCH.replace("2 hours", "15 minutes") + 'channel = "hotline"\n')
    )

    assert parse_allowance("15 minutes") == rules.dispatch_for("hotline").term.allow
    assert parse_allowance("2 hours") == rules.dispatch_for("web").term.allow


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version = ", "Invalid"),
        (_rules(_rule("other", "5 wrking")), "is no allowance"),
        (_rules(_rule("other", "5 days", 'kind = "gossip"')), "Invalid enum value 'gossip'"),
        (_rules(_rule("other", "5 days", 'knd = "help"')), "unknown field"),
        (_rules(_rule("other", "5 days")), "more than one rule for"),
        (_rules(_rule("general", "5 days", 'kind = "help"')), "more than one rule called general"),
        (_rules(_rule("other", "5 days", 'category = "nowhere"')), "no category 'nowhere'"),
        (_rules(_rule("other", "5 days", 'department = "nobody"')), "no department 'nobody'"),
        ('version = "t"\n' + _DISPATCH + _rule("g", "1 day"), "must state reopened, sign"),
        ('version = "t"\n' + _DISPATCH + _rule("g", "1 day", 'kind = "help"'), "the default"),
        (_rules(dispatch=""), "dispatch"),
        (_rules(dispatch=_DISPATCH + 'near = "2 hours"\n'), "must be shorter"),
        (_rules(dispatch=_DISPATCH.replace("project choice: a test", " ")), "basis is empty"),
        ('calendar = "mars"\n' + _rules(), "calendar 'mars'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(text: str, problem: str) -> None:
    """A wrong rules file never starts: every problem is named."""
    with pytest.raises(RulesRefused) as refused:
        parse_rules(text, load_city())

    assert any(problem in found for found in refused.value.problems), refused.value.problems
