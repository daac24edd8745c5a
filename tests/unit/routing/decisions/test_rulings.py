"""What dispatchers ruled: which of it fits a message, what it changes, and what may be written at all."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.classify import Wording, classify, read_all
from routing.core.decisions.catalogue import NewRuling, Ruling, RulingMade
from routing.core.decisions.outcome import Decline, Dispatch, Outcome, Verdict
from routing.core.decisions.review import Item, RoutingCase
from routing.core.decisions.rulings import contradicting, ruled, ruling_of, special_line, suggested_words
from routing.core.decisions.rulings_in_force import Rulings
from routing.core.doubts import Doubt
from routing.core.judgement import Judges
from routing.core.rules import load_rules
from routing.core.text.lexicon import Lexicon
from routing.steps.route import classify_registered
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode, TrackingCode
from schemas.words import Channel, Kind, ReviewKind, Urgency
from tests.integration.routing.cases import registered

RULES, CITY = load_rules(), load_city()
#: After midnight in the city, and still the day before by UTC.
AT = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
HOUSING, MARKET = DepartmentCode("housing"), DepartmentCode("market")
REGION, OTHER_REGION = CITY.regions[0], CITY.regions[1]
MATTER = ("门口的共享书架", "门口的共享书架很旧，请处理。")
#: Of a special line (专业直派) of urban management.
COVER = ("井盖没人管", "路口井盖，请来人。")
CASE = RoutingCase(
    case_id=CaseId("0198b2c4-0000-7000-8000-00000000000a"), tracking_code=TrackingCode("A"), channel=Channel.WEB,
    received_at=AT, kind=Kind.COMPLAINT, urgency=Urgency.NORMAL, category=CategoryCode("other"), lead=MARKET,
    supporting=(), region=None, title=MATTER[0], text=MATTER[1], supplement="", place=None, has_contact=True,
    confidential=False, publish=True, version=3, state="routed", probability=1.0, decided_by="li", accused=(),
    protected=False, suspected_duplicate=None, similarity=None, merged_into=None,
)  # fmt: skip
RETURN = Item(case_id=CASE.case_id, kind=ReviewKind.RETURN, version=4, opened_at=AT)


def _ruling(*words: str, number: int = 1, department: DepartmentCode = HOUSING, **more: Any) -> Ruling:
    known = {"category": None, "region": None, "over_special": True, **more}
    return Ruling(id=number, words=words, department=department, decided_by="li", at=AT, **known)


def _ruled(words: tuple[str, str], *rulings: Ruling, place: str = "", kind: Kind | None = None) -> Any:
    opinion = classify(RULES, *words, place=place, kind=kind)
    [message] = read_all(RULES, [Wording(*words, place, kind)])
    return ruled(RULES, Rulings(rulings, CITY), message, opinion)


def test_a_ruling_sends_what_nobody_knew() -> None:
    """To its department, surely, and says by the finding of which day in the city."""
    before = _ruled(MATTER)
    after = _ruled(MATTER, _ruling("共享书架", "门口"))

    assert (True, False) == (before.needs_review, after.needs_review)
    assert (HOUSING, (), 1.0) == (after.lead, after.supporting, after.lead_probability)
    assert "按 2026-11-26 的认定（第 1 条）" == after.reasons[0].words
    assert after.reasons[0] == after.basis
    assert [HOUSING] == [one.lead for one in after.candidates]


@pytest.mark.parametrize("text", ["门口的灯坏了", "这不是门口的共享书架", "不是共享书架的事，门口太暗"])
def test_all_words_must_be_said_and_none_denied(text: str) -> None:
    """One alone is another matter, and so is what the message says it is not."""
    assert not [
        one for one in _ruled(("反映", text), _ruling("共享书架", "门口")).reasons if "认定" in one.words
    ]


def test_words_that_overlap_are_all_found() -> None:
    """共享书架 and 书架挡住 share characters: both stand there."""
    assert HOUSING == _ruled(("反映", "共享书架挡住了门"), _ruling("共享书架", "书架挡住")).lead


def test_its_category_is_the_rulings() -> None:
    """Where it names one; the words of another category are no reasons any more."""
    code = CITY.categories[0].code
    assert code == _ruled(MATTER, _ruling("共享书架", category=code)).category
    homes = ("反映物业", "小区物业不作为，共享书架坏了。")
    assert code == _ruled(homes, _ruling("共享书架", category=code)).category


def test_the_closest_one_counts() -> None:
    """Of its district before everywhere, of more words before fewer."""
    of_region = _ruling("共享书架", number=2, department=MARKET, region=REGION.code)
    narrower = _ruling("共享书架", "门口", number=3, department=MARKET)
    wide = _ruling("共享书架")
    assert MARKET == _ruled(MATTER, wide, of_region, place=REGION.zh).lead
    assert HOUSING == _ruled(MATTER, wide, of_region, place=OTHER_REGION.zh).lead
    assert MARKET == _ruled(MATTER, wide, narrower).lead


def test_two_that_fit_alike_go_to_a_person() -> None:
    """The machine chooses none of them; a dispatcher reads both."""
    found = _ruled(MATTER, _ruling("共享书架"), _ruling("门口", number=2, department=MARKET))

    assert Doubt.RULINGS in found.doubts
    assert ["第 1 条", "第 2 条"] == [one.words[-6:-1].strip() for one in found.reasons[:2]]
    agreeing = _ruled(MATTER, _ruling("共享书架"), _ruling("门口", number=2))
    assert (HOUSING, False) == (agreeing.lead, agreeing.needs_review)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("举报住建局", "住建局科长在门口的共享书架旁收受贿赂。"), None),
        (MATTER, Kind.REPORT),
        (("反映", "门口共享书架边上，市场监管局的队长收了老板红包。"), None),
    ],
)
def test_nothing_protected_is_ruled(words: tuple[str, str], kind: Kind | None) -> None:
    """A report, or whatever accuses officials, goes to a dispatcher as it did; never to whom it accuses."""
    before = classify(RULES, *words, kind=kind)
    assert before.protected
    assert before == _ruled(
        words, _ruling("共享书架"), _ruling("门口", number=2, department=MARKET), kind=kind
    )


def test_a_messages_words_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever judges, and again by nobody for the special lines that a ruling does not name."""
    texts, matches = list[str](), Lexicon.matches

    def counted(lexicon: Lexicon, text: str) -> Iterable[tuple[int, int, int]]:
        texts.append(text)
        return matches(lexicon, text)

    monkeypatch.setattr(Lexicon, "matches", counted)
    judges = Judges()
    judges.rulings = Rulings([_ruling("共享书架")], CITY)
    [opinion] = classify_registered(RULES, [registered(MATTER)], judges=judges)

    assert (HOUSING, 1) == (opinion.lead, texts.count(f"{MATTER[0]}\n{MATTER[1]}\n"))


def test_a_special_line_is_read_first() -> None:
    """专业直派: the department whose own words they are keeps them, where the ruling is of other words."""
    words = ("社保卡", "社保卡丢了，社保卡怎么补办，养老金领取资格认证怎么做")
    before = classify(RULES, *words)
    direct = [d for d in CITY.departments if d.code == before.lead]
    assert direct
    assert before == _ruled(words, _ruling("补办"))


@pytest.mark.parametrize("named", [("井盖",), ("井盖", "路口")])
def test_what_is_ruled_of_a_special_lines_own_words_holds(named: tuple[str, ...]) -> None:
    """Else whoever wrote it would find the next such message where it went before."""
    before, after = classify(RULES, *COVER), _ruled(COVER, _ruling(*named))

    assert ("urban-management", HOUSING, False) == (before.lead, after.lead, after.needs_review)
    assert before == _ruled(COVER, _ruling("请来人"))


def test_what_was_ruled_before_stays_behind_special_lines() -> None:
    """As its form said: whoever wrote it chose no other place for them."""
    before = classify(RULES, *COVER)
    old = _ruling("井盖", over_special=False)

    assert before == _ruled(COVER, old)
    assert before == _ruled(COVER, old, _ruling("没人管", number=2))
    assert HOUSING == _ruled(MATTER, _ruling("共享书架", over_special=False)).lead


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("社保", ("社保卡", "社保卡丢了，社保卡怎么补办")),
        ("阿尔法井盖", ("阿尔法井盖没人管", "路口阿尔法井盖，请来人。")),
    ],
)
def test_a_ruling_is_of_the_very_words_of_a_special_line(named: str, words: tuple[str, str]) -> None:
    """Part of one, or one inside a longer word, is none of them; the form says which they are."""
    before, line = classify(RULES, *words), special_line(RULES, replace(CASE, title=words[0], text=words[1]))

    assert line is not None
    assert before.lead == line.department != HOUSING
    assert before == _ruled(words, _ruling(named))
    assert HOUSING == _ruled(words, _ruling(*line.words)).lead


def test_danger_waits_for_a_person_all_the_same() -> None:
    """A ruling takes away that the machine was unsure, and nothing else."""
    words = ("共享书架着火", "门口的共享书架着火了，有人被困，快来救人！")
    before, after = classify(RULES, *words), _ruled(words, _ruling("共享书架"))

    assert Urgency.EMERGENCY is after.urgency
    assert {*before.doubts} - {Doubt.UNSURE, Doubt.NO_WORDS} == {*after.doubts}
    assert Doubt.TRANSFER in after.doubts


def test_what_the_city_has_no_more_decides_nothing() -> None:
    """A department, category or district that was taken out of the city's files."""
    gone = DepartmentCode("gone")
    rulings = (
        _ruling("共享书架", department=gone),
        _ruling("共享书架", category=CategoryCode("gone")),
        _ruling("共享书架", region=RegionCode("gone")),
    )
    assert classify(RULES, *MATTER) == _ruled(MATTER, *rulings)


def _made(outcome: Outcome, asked: NewRuling, case: RoutingCase = CASE, item: Item = RETURN) -> RulingMade:
    return ruling_of(CITY, RULES, case, item, outcome, asked)


SENT = Dispatch(category=CategoryCode("other"), lead=HOUSING)


def test_it_goes_where_the_decision_sent_the_case() -> None:
    """A new lead; whoever must keep it, where the return is refused; or whom it names."""
    asked = NewRuling(words=("门口", "共享書架"))
    assert (HOUSING, ("共享书架", "门口")) == ((made := _made(SENT, asked)).department, made.words)
    assert MARKET == _made(Verdict(accepted=False), asked).department
    assert MARKET == _made(SENT, replace(asked, department=MARKET)).department
    with pytest.raises(BadInput):
        _made(Decline(legal_route="法院"), asked)


@pytest.mark.parametrize(
    "words",
    [
        ("13900000000",),
        ("1390000", "0000"),
        ("我叫王建国", "路灯"),
        ("建设路12号3单元501室",),
        ("。。",),
        ("灯",),
        (" 　",),
    ],
)
def test_words_tell_of_nobody_and_say_something(words: tuple[str, ...]) -> None:
    """No number, not in pieces either, no name, no home; nothing of one character or of signs alone."""
    with pytest.raises(BadInput):
        _made(SENT, NewRuling(words=words))


def test_whoever_names_words_of_a_special_line_says_which_comes_first() -> None:
    """A system that knows nothing of it is told what to send; of other words nobody has to say anything."""
    with pytest.raises(BadInput) as refused:
        _made(SENT, NewRuling(words=("路口", "井盖")))
    (error,) = refused.value.errors
    assert all(
        "井盖" in each and "路口" not in each and "over_special" in each for each in (error.zh, error.en)
    )

    for said in (True, False):
        assert said is _made(SENT, NewRuling(words=("路口", "井盖"), over_special=said)).over_special
    assert _made(SENT, NewRuling(words=("路口",))).over_special is False


@pytest.mark.parametrize("more", [{"category": "gone"}, {"region": "gone"}, {"department": "gone"}])
def test_what_it_names_exists(more: dict[str, Any]) -> None:
    """A category, a district and a department of this city."""
    with pytest.raises(BadInput):
        _made(SENT, NewRuling(words=("门口",), **more))


@pytest.mark.parametrize("change", [{"protected": True}, {"confidential": True}])
def test_nothing_of_a_private_case_is_ruled(change: dict[str, bool]) -> None:
    """Its words might tell what it reports."""
    with pytest.raises(BadInput):
        _made(SENT, NewRuling(words=("门口",)), replace(CASE, **change))


def test_only_returns_and_objections_are_ruled_on() -> None:
    """A dispatch of the first hour has not been contested by anybody."""
    with pytest.raises(BadInput):
        _made(SENT, NewRuling(words=("门口",)), item=replace(RETURN, kind=ReviewKind.DISPATCH))


def test_one_that_says_otherwise_is_named() -> None:
    """And one that says the same; an exception by more words or for a district is none of them."""
    made = _made(SENT, NewRuling(words=("门口", "共享书架")))
    other = contradicting(made, [_ruling("门口", "共享书架", number=7, department=MARKET)])
    same = contradicting(made, [_ruling("共享书架", "门口", number=8)])

    assert other is not None
    assert same is not None
    assert ("第 7 条" in other.errors[0].zh, "矛盾" in other.errors[0].zh) == (True, True)
    assert ("第 8 条" in same.errors[0].zh, "矛盾" in same.errors[0].zh) == (True, False)
    assert contradicting(made, [_ruling("门口", department=MARKET)]) is None
    assert contradicting(made, [_ruling("门口", "共享书架", region=REGION.code, department=MARKET)]) is None


def test_the_words_suggested_name_the_matter() -> None:
    """From the case, the title before the text; in Simplified characters; nothing that tells of somebody."""
    case = replace(CASE, title="路燈不亮", text="小區門口路燈壞了，聯繫電話13900000000。")
    found = suggested_words(RULES, case)

    assert found
    assert all("路灯" in word or word in "小区门口路灯坏了" for word in found)


def test_a_ruling_that_sends_them_to_that_line_asks_nothing() -> None:
    """Whichever comes first, it is the same department."""
    (own,) = {code for code, _ in RULES.lexicon.specialists["井盖"]}

    assert _made(SENT, NewRuling(words=("路口", "井盖"), department=own)).over_special is False
