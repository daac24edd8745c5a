"""Whom a message accuses, however it is spelt and whatever its citizen chose; and what is no accusation."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources

import msgspec
import pytest

from intake.core.wording import normalised, simplified
from routing.core.accusations import misconduct
from routing.core.accusations.laid_out import compact, respelt
from routing.core.accusations.misconduct import accusation_in, units_in
from routing.core.classify import Classification, classify
from routing.core.doubts import Doubt
from routing.core.rules import load_rules
from schemas.city import City, load_city
from schemas.ids import RegionCode
from schemas.words import Kind
from tests.unit.routing import deeds, misdeeds
from tests.unit.routing.accusing import ACCUSING, PLAIN, SPELLINGS

RULES = load_rules()


def _opinion(text: str, kind: Kind | None = None) -> Classification:
    plain = normalised(text)
    return classify(RULES, "", simplified(plain) or plain, kind=kind)


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in SPELLINGS.items() for name in names]
)
@pytest.mark.parametrize("kind", [None, Kind.COMPLAINT, Kind.HELP])
def test_a_unit_is_recognised_by_what_people_call_it(code: str, name: str, kind: Kind | None) -> None:
    """Short, long, old, below it, spread out, in wide or Traditional characters; whatever kind was chosen."""
    opinion = _opinion(f"我要举报{name}的人收受贿赂", kind)

    assert code in opinion.accused
    assert opinion.protected
    assert Doubt.ACCUSED in opinion.doubts


@pytest.mark.parametrize("department", [d.code for d in RULES.city.departments])
def test_every_department_is_recognised(department: str) -> None:
    """By its full name at least; bureaus by several others."""
    names = [name for name, code in RULES.accusations.unit.items() if code == department]

    assert department in _opinion(f"{RULES.city.department[department].zh}有人贪污").accused
    assert RULES.city.department[department].region or len(names) >= 10


@pytest.mark.parametrize("text", [*ACCUSING, *deeds.ACCUSING])
@pytest.mark.parametrize("kind", [Kind.COMPLAINT, Kind.CONSULTATION, None])
def test_accusing_officials_protects_whatever_the_kind(text: str, kind: Kind | None) -> None:
    """What is said decides: the units are accused, or a person finds out who is."""
    opinion = _opinion(text, kind)

    assert opinion.protected
    assert opinion.accused or Doubt.ACCUSED_UNKNOWN in opinion.doubts
    assert opinion.needs_review
    assert kind is None or kind is opinion.kind


@pytest.mark.parametrize("text", [*PLAIN, *deeds.PLAIN])
def test_a_plain_complaint_is_no_accusation(text: str) -> None:
    """About a slow service, asking officials for help, or about others than officials."""
    opinion = _opinion(text, Kind.COMPLAINT)

    assert not opinion.protected
    assert () == opinion.accused
    assert Doubt.ACCUSED_UNKNOWN not in opinion.doubts


def test_most_is_found_that_is_said_without_a_word_for_it() -> None:
    """Who did it, what, and who has it then: fifteen of sixteen, and of what people ask every day hardly one in fifty."""
    missed = [text for text in misdeeds.ACCUSING if not _opinion(text, Kind.COMPLAINT).protected]
    taken = [text for text in misdeeds.PLAIN if _opinion(text, Kind.COMPLAINT).protected]

    assert len(missed) <= len(misdeeds.ACCUSING) // 16, missed
    assert len(taken) <= len(misdeeds.PLAIN) // 48, taken


@pytest.mark.parametrize(
    "text", ["CG收钱办事", "cg收钱办事", "jc收了hongbao", "称管收黑钱", "派=出=所收保护费"]
)
def test_what_is_misspelt_on_purpose_is_read(text: str) -> None:
    """Initials, sounds, and what stands between characters; no part of a longer word is taken for one."""
    assert _opinion(text, Kind.COMPLAINT).protected
    assert "ACG动画" == respelt(RULES.accusations, "ACG动画")


def test_a_report_of_a_business_needs_no_accused() -> None:
    """A factory is no unit: nobody has to find out which."""
    opinion = _opinion("举报某厂夜间偷排废水")

    assert (True, (), False) == (opinion.protected, opinion.accused, Doubt.ACCUSED_UNKNOWN in opinion.doubts)


def test_a_districts_own_bureau_is_below_its_government() -> None:
    """Named with its district, or as the district's in a case about one."""
    both = {"district-donghu", "urban-management"}

    assert both == set(_opinion("举报东湖区城管局受贿").accused)
    assert both == set(units_in(RULES.accusations, "区城管局受贿", RegionCode("donghu"), loosely=True))


def test_superiors_and_subordinates_are_accused_too() -> None:
    """Who decides about them, and whom they decide about; not their neighbours."""
    parents = {"water": "housing", "tax": "water", "justice": "housing"}
    city = load_city()
    departments = tuple(msgspec.structs.replace(d, parent=parents.get(d.code)) for d in city.departments)
    rules = load_rules(None, City(departments=departments, regions=city.regions, categories=city.categories))

    for accused, kin in (
        ("水务局", {"housing", "water", "tax"}),
        ("税务局", {"housing", "water", "tax"}),
        ("司法局", {"housing", "justice"}),
    ):
        assert kin == set(classify(rules, "", f"{accused}受贿").accused)


def test_a_denied_unit_is_not_accused() -> None:
    """不是城管局，是交警队."""
    assert ("public-security",) == _opinion("受贿的不是城管局，是交警队").accused


def test_what_marks_a_name_loosely_is_no_unit_in_a_report_of_others() -> None:
    """消防 is a thing too: a blocked exit is reported to the fire service."""
    assert () == _opinion("举报商场堵塞消防通道").accused
    assert ("emergency",) == _opinion("消防收红包").accused


def test_what_accuses_somebody_is_offered_to_one_department_alone() -> None:
    """The category's rule would add a supporting one; a message without the accusation keeps it."""
    plain = _opinion("东湖区望江路的路灯坏了一个多星期，晚上看不清路。", Kind.COMPLAINT)
    accusing = _opinion("东湖区望江路的路灯坏了一个多星期，我要举报城管局执法人员收受贿赂。", Kind.COMPLAINT)

    assert plain.supporting
    assert accusing.protected
    assert () == accusing.supporting


@pytest.mark.parametrize(
    "text",
    [
        "城管队员来过两次，收了钱就走",
        "城管队员跟摊主是亲戚，来之前通风报信",
        "城管来了以后，跟摊主勾结，从不处罚",
        "城管局的人来了，包庇摊主",
        "流动摊贩占道经营，城管执法车天天来，收了摊主的钱就当没看见。",
    ],
)
def test_a_deed_after_a_comma_is_its_subjects(text: str) -> None:
    """Chinese names whoever acts once, and goes on without."""
    opinion = _opinion(text, Kind.COMPLAINT)

    assert opinion.protected
    assert "urban-management" in opinion.accused


@pytest.mark.parametrize(
    "text",
    [
        "城管队员来过两次，摊贩收了摊就走，第二天又来",
        "希望城管局来看看。商家收了钱不发货",
        "城管来了以后，我们很满意，感谢他们",
    ],
)
def test_a_deed_of_somebody_else_accuses_no_official(text: str) -> None:
    """A clause with a subject of its own, or another sentence, speaks of others."""
    assert not _opinion(text, Kind.COMPLAINT).protected


def test_the_quick_look_passes_over_no_phrase() -> None:
    """Whatever list a phrase stands in, and whatever fills its gaps and parts: what is not looked at accuses nobody."""
    text = (resources.files("routing") / "data" / "misconduct.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)["misconduct"]
    lists = (
        "alleged", "retaliation", "only_officials", "with_officials", "with_named", "accusing", "acting", "violent",
        "coercing",
    )  # fmt: skip
    phrases = [phrase for name in lists for phrase in told[name]]

    written = [_written(phrase, told["parts"], at) for phrase in phrases for at in (0, -1)]

    assert [] == [each for each in written if not RULES.accusations.worth_a_look.may_hold(f"听说{each}")]
    assert not RULES.accusations.worth_a_look.may_hold("路灯坏了三天了")


def _written(phrase: str, parts: Mapping[str, Sequence[str]], at: int) -> str:
    """The phrase with this word of each of its lists, and a name in its gaps."""
    while part := re.search(r"\{(\w+)\}", phrase):
        phrase = phrase.replace(part[0], parts[part[1]][at])
    return phrase.replace("~", "老王")


def test_a_district_that_only_the_place_names_counts() -> None:
    """区城管局 in a message about 东湖区 is that district's, and its government its superior."""
    placed = classify(RULES, "", "举报区城管局受贿", place="东湖区")

    assert {"district-donghu", "urban-management"} == set(placed.accused)
    assert ("urban-management",) == classify(RULES, "", "举报区城管局受贿").accused


def test_every_unit_that_is_named_is_accused() -> None:
    """The first as well as the last."""
    assert ("tax", "urban-management") == _opinion("举报城管局和税务局受贿").accused


def test_other_code_points_of_a_character_are_the_character() -> None:
    """Radicals, and copies for old encodings, hide nothing; nor does what stands between."""
    assert "行贿,城管局" == compact("⾏ 贿，城*管-局")


@pytest.mark.parametrize(
    ("text", "alleged"),
    [
        ("怕城管局打击报复", True),
        ("没有打击报复", False),
        ("周某收了钱", False),
        ("城管局的周某收了钱", True),
    ],
)
def test_who_fears_them_accuses_and_who_names_no_official_does_not(text: str, alleged: bool) -> None:
    """Somebody called Zhou is an official where one is spoken of."""
    assert alleged == accusation_in(RULES.accusations, text, None, is_report=False).alleged


@pytest.mark.parametrize("before", range(0, 400, 23))
def test_whoever_speaks_without_a_stop_accuses_too(before: int) -> None:
    """Wherever it stands in a clause that is too long to be read at once."""
    text = "我来说一说我们这里的事情" * 40
    assert not _opinion(text).protected
    assert _opinion(f"{text[:before]}城管队员收了我两条烟{text}").protected


@pytest.mark.parametrize(
    "words", ["城管找我要两条烟", "村里的垃圾没有人收是烟不", "工作人员私下收了我八百元", "班主任态度恶劣"]
)
def test_twice_as_many_words_are_looked_at_twice_as_often(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Who and what in pairs: ten thousand characters without a stop had taken half a minute."""
    looked = 0

    def counted(*_: object) -> bool:
        nonlocal looked
        looked += 1
        return False

    monkeypatch.setattr(misconduct, "_does", counted)
    monkeypatch.setattr(misconduct, "_is_about", counted)
    counts: list[int] = []
    for times in (200, 400):
        looked = 0
        classify(RULES, "", words * times)
        counts.append(looked)

    assert counts[1] <= 2.2 * counts[0]
