"""What sounds like danger though no rule finds it, and how much of what was never learned from it finds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from math import inf, nan
from pathlib import Path

import msgspec
import pytest

from intake.core.wording import normalised, simplified
from routing.core.classify import Classification, Wording, classify, classify_all, read_all
from routing.core.decisions.catalogue import Ruling
from routing.core.decisions.rulings import ruled
from routing.core.decisions.rulings_in_force import Rulings
from routing.core.doubts import Doubt
from routing.core.judgement import Judgement
from routing.core.rules import RoutingRules, load_rules
from routing.core.suspicion.sentences import Subject, listed, sentences_of
from routing.core.suspicion.stored import shipped
from schemas.city import load_city
from schemas.errors import Misconfigured
from schemas.ids import CategoryCode, DepartmentCode
from schemas.reasons import Because, in_words
from schemas.values import Reason
from schemas.words import Language, Urgency
from tests.unit.routing.emergencies import DANGER, QUIET
from tests.unit.routing.misdeeds import PLAIN
from tests.unit.routing.rules_alone import rules_alone

RULES, ALONE = load_rules(), rules_alone()
_HELD_OUT = sentences_of((Path(__file__).parents[1] / "held_out_dangers.txt").read_text(encoding="utf-8"))
_DANGERS = [sentence.text for sentence in _HELD_OUT if sentence.is_meant]
_EVERYDAY = [sentence.text for sentence in _HELD_OUT if not sentence.is_meant]
#: Of banks, timetables, teachers, rubbish: no trap, and no word of danger.
_PLAIN_ENGLISH = (Path(__file__).parents[1] / "plain_english.txt").read_text(encoding="utf-8").splitlines()
#: No rule finds it, and the weights are sure.
TOLD = "粉碎机那里喊了一声就没动静了，进去看只剩只鞋"
#: No rule finds it, and the weights are not.
HINTED = "豆腐坊的锅炉嗡嗡抖，墙都跟着跳，老板拿砖头压着阀"


_ADDRESSES = sentences_of(
    (Path(__file__).parents[1] / "addresses_in_english.txt").read_text(encoding="utf-8")
)
_BESIDE_DRILLS = sentences_of((Path(__file__).parents[1] / "beside_drills.txt").read_text(encoding="utf-8"))


def _opinions(texts: Iterable[str], rules: RoutingRules = RULES) -> list[Classification]:
    plain = [normalised(text) for text in texts]
    return classify_all(rules, None, [Wording("", simplified(text) or text) for text in plain])


def _alarms(texts: Sequence[str], rules: RoutingRules = RULES) -> list[str]:
    opinions = zip(texts, _opinions(texts, rules), strict=True)
    return [text for text, opinion in opinions if opinion.urgency is Urgency.EMERGENCY]


def _waiting(texts: Sequence[str]) -> list[str]:
    opinions = zip(texts, _opinions(texts), strict=True)
    return [text for text, opinion in opinions if Doubt.SOUNDS_DANGEROUS in opinion.doubts]


def _limited(emergency_from: float, look_from: float) -> RoutingRules:
    limits = {"danger_emergency_from": emergency_from, "danger_look_from": look_from}
    return replace(RULES, settings=msgspec.structs.replace(RULES.settings, **limits))


def test_what_says_how_much_is_found_was_not_learned_from() -> None:
    """Else nothing could be said of it."""
    subjects = (Subject.DANGERS, Subject.DANGERS_IN_ENGLISH)
    learned_from = {each.text for subject in subjects for each in sentences_of(listed(subject))}

    addresses = {each.text for each in _ADDRESSES}
    assert not learned_from & {*_DANGERS, *_EVERYDAY, *DANGER, *QUIET, *PLAIN, *_PLAIN_ENGLISH, *addresses}
    assert (180, 368, 76) == (len(_DANGERS), len(_EVERYDAY), len(_PLAIN_ENGLISH))


def test_most_dangers_that_no_rule_knows_are_found() -> None:
    """Four of ten are by the rules alone; one everyday message of forty that is told in the same words becomes one."""
    assert len(_alarms(_DANGERS, ALONE)) <= 76
    assert len(_alarms(_DANGERS)) >= 148
    assert len(_alarms(_DANGERS)) + len(_waiting(_DANGERS)) >= 168
    assert len(_alarms(_EVERYDAY)) <= len(_alarms(_EVERYDAY, ALONE)) + 9
    assert len(_waiting(_EVERYDAY)) <= 31


def test_everyday_messages_stay_what_they_are() -> None:
    """None of those with traps that the rules are tested with, nor of what officials do as they should."""
    quiet = [*QUIET, *PLAIN]

    assert _alarms(quiet) == _alarms(quiet, ALONE)


def test_what_sounds_like_danger_is_an_emergency_that_says_why() -> None:
    """Which weights said so, and the words, in the reader's language."""
    (opinion,) = _opinions([f"您好。{TOLD}。"])
    said = opinion.reasons[0]

    assert Urgency.EMERGENCY is opinion.urgency
    assert Urgency.NORMAL is _opinions([TOLD], ALONE)[0].urgency
    assert (Because.SOUND, (shipped(Subject.DANGERS).version, TOLD)) == (said.code, said.facts)
    assert f"无规则命中，模型（{said.facts[0]}）判为险情，按特急处理：“{TOLD}”" == said.words
    assert f"An emergency by no rule, but by how it sounds (model {said.facts[0]}): “{TOLD}”" == in_words(
        said, Language.EN, load_city()
    )
    assert Doubt.SOUNDS_DANGEROUS not in opinion.doubts


def test_what_may_be_danger_waits_for_a_person_who_sees_why() -> None:
    """As pressing at least as what is only feared."""
    (opinion,) = _opinions([HINTED])

    assert Doubt.SOUNDS_DANGEROUS in opinion.doubts
    assert (shipped(Subject.DANGERS).version, HINTED) == opinion.sounds_dangerous
    assert Urgency.URGENT is opinion.urgency
    assert not [reason for reason in opinion.reasons if reason.code]


def test_what_a_rule_takes_back_is_at_most_looked_at() -> None:
    """A listed word that is not now stays so, however the rest sounds."""
    (opinion,) = _opinions([f"去年这里着火，{TOLD}"])

    assert Urgency.URGENT is opinion.urgency
    assert Doubt.SOUNDS_DANGEROUS in opinion.doubts


def test_most_dangers_told_in_english_are_found() -> None:
    """By weights of its own: of 60 the rules find half, and one is neither an emergency nor looked at."""
    dangers, everyday = ([text for text in texts if text.isascii()] for texts in (_DANGERS, _EVERYDAY))

    assert (60, 90) == (len(dangers), len(everyday))
    assert len(_alarms(dangers, ALONE)) <= 30
    assert len(_alarms(dangers)) >= 47
    assert len(_alarms(dangers)) + len(_waiting(dangers)) >= 59
    assert len(_alarms(everyday)) <= len(_alarms(everyday, ALONE)) + 2
    assert len(_waiting(everyday)) <= 5


def test_hardly_a_plain_english_line_wakes_anybody() -> None:
    """One of twenty."""
    assert len(_alarms(_PLAIN_ENGLISH)) <= len(_alarms(_PLAIN_ENGLISH, ALONE)) + 1
    assert len(_waiting(_PLAIN_ENGLISH)) <= 3


def test_where_it_is_says_nothing_of_what_it_is() -> None:
    """Of 138 plain sentences with streets and flats six wake anybody (it was 25), of 120 dangers two do not (four)."""
    dangers, everyday = (
        [each.text for each in _ADDRESSES if each.is_meant is meant] for meant in (True, False)
    )

    assert (120, 138) == (len(dangers), len(everyday))
    assert len(_alarms(dangers)) + len(_waiting(dangers)) >= 118
    assert len(_alarms(everyday)) <= 2
    assert len(_alarms(everyday)) + len(_waiting(everyday)) <= 6


@pytest.mark.parametrize(
    "text", ["The street lamp at 12 Wangjiang Road is out.", "The heating is cold in flat 502."]
)
def test_a_lamp_or_a_cold_flat_is_no_danger(text: str) -> None:
    """Each was pressing, and its citizen was told to call the police."""
    assert [] == [*_alarms([text]), *_waiting([text])]
    assert [] != _alarms([f"{text} A man touched the wire and does not breathe."])


def test_english_is_looked_at_from_a_limit_of_its_own() -> None:
    """Where a city switches looks off, none is; its limit for Chinese stays where this one is moved."""
    hinted = "kite string cut the rider's neck"

    def doubts(**limits: float) -> list[bool]:
        rules = replace(RULES, settings=msgspec.structs.replace(RULES.settings, **limits))
        return [Doubt.SOUNDS_DANGEROUS in opinion.doubts for opinion in _opinions([hinted, HINTED], rules)]

    assert [True, True] == doubts(danger_look_from_in_english=-2.0, danger_look_from=-2.0)
    assert [False, True] == doubts(danger_look_from_in_english=0.4)
    assert [False, False] == doubts(danger_look_from_in_english=-2.0, danger_look_from=inf)


#: No rule finds it.
_IN_ENGLISH = "My colleague's sleeve is caught in the lathe and it drags him in"


@pytest.mark.parametrize(
    "text",
    [
        _IN_ENGLISH,
        f"Dear Sir, the road to our village was promised a year ago. {_IN_ENGLISH}. Kind regards, Li Wei",
        f"你好，我是外国人。{_IN_ENGLISH}，谢谢",
    ],
)
def test_danger_in_english_is_an_emergency_that_says_why(text: str) -> None:
    """Which weights said so, and the words as they stand there."""
    (opinion,) = _opinions([text])
    said = opinion.reasons[0]

    assert Urgency.EMERGENCY is opinion.urgency
    assert Urgency.NORMAL is _opinions([text], ALONE)[0].urgency
    assert (shipped(Subject.DANGERS_IN_ENGLISH).version, _IN_ENGLISH[:60]) == said.facts


def test_danger_beside_a_drill_a_film_or_a_lesson_is_found() -> None:
    """Of sixty never learned from five are neither an emergency nor looked at (ten before their kind was learned)."""
    dangers, everyday = (
        [each.text for each in _BESIDE_DRILLS if each.is_meant is is_meant] for is_meant in (True, False)
    )

    assert (60, 60) == (len(dangers), len(everyday))
    assert len(_alarms(dangers)) >= 46
    assert len(_alarms(dangers)) + len(_waiting(dangers)) >= 55
    assert len(_alarms(everyday)) == 0
    assert len(_waiting(everyday)) <= 1


#: Everyday, of sentences of few clauses and of one that goes on.
_LETTER = (
    "我们小区的路灯坏了一个多月，物业说报修了。市政说不归他们管，大家来回跑了好几趟。",
    "门口的公交站也没有雨棚，去年提过一回，答复说在研究，研究到现在还是老样子，",
)


@pytest.mark.parametrize("letter", _LETTER)
@pytest.mark.parametrize("before", [3, 12, 25])
def test_danger_late_in_a_long_letter_is_heard(letter: str, before: int) -> None:
    """Wherever it stands in it, and whatever ends the clauses around it; the reason names it alone."""
    worse = f"{TOLD}，地上都是血"
    (told,) = _opinions([f"{letter * before}{worse}{letter[-1]}{letter * 3}"])
    (hinted,) = _opinions([f"{letter * before}{TOLD}{letter[-1]}{letter * 3}"])

    assert Urgency.EMERGENCY is told.urgency
    assert worse == told.reasons[0].facts[1]
    assert TOLD == hinted.sounds_dangerous[1]


@pytest.mark.parametrize("letter", _LETTER)
def test_a_long_everyday_letter_stays_one(letter: str) -> None:
    """However much of it is read."""
    assert [] == [*_alarms([letter * 40]), *_waiting([letter * 40])]


class _Judge:
    """Words of its own, as a learned model has them."""

    def judge(self, texts: Sequence[str], heard: Sequence[Mapping[str, float]]) -> list[Judgement]:
        return [Judgement(probabilities={"other": 0.9}, sure_from=0.5, model="learned") for _text in texts]

    def words(self, text: str, category: str, most: int) -> tuple[Reason, ...]:
        return (Reason(words="粉碎机", weight=1.0),)


def test_neither_a_judge_nor_a_ruling_hides_why() -> None:
    """Whatever they say beside it."""
    message = Wording("", TOLD)
    (judged,) = classify_all(RULES, _Judge(), [message], explain=True)
    ruling = Ruling(
        id=1, words=("粉碎机",), department=DepartmentCode("market"), decided_by="li", at=datetime.now(UTC),
        category=CategoryCode("transport"), region=None, over_special=True,
    )  # fmt: skip
    (read,) = read_all(RULES, [message])
    sent = ruled(RULES, Rulings([ruling], load_city()), read, classify(RULES, "", TOLD))

    assert ["sound", ""] == [reason.code for reason in judged.reasons]
    assert ["ruling", "sound"] == [reason.code for reason in sent.reasons]


def test_a_long_letter_must_be_louder() -> None:
    """Some clause of it always sounds like something."""
    letter = "我们小区的路灯坏了一个多月，物业说报修了，市政说不归他们管，大家来回跑了好几趟" * 5

    assert [HINTED] == _waiting([HINTED])
    assert not _waiting([f"{HINTED}。{letter}"])
    assert Urgency.EMERGENCY is not _opinions([f"{letter}。{letter}。{TOLD}"])[0].urgency


def test_files_and_addresses_beside_it_tell_of_no_danger() -> None:
    """They say whom it accuses, no more."""
    beside = Wording("路灯坏了", "路灯坏了", beside=f"{TOLD}.jpg\n{TOLD}")
    told = Wording(TOLD, "路灯坏了", beside="一张照片.jpg\n另一张.jpg")

    urgencies = [opinion.urgency for opinion in classify_all(RULES, None, [beside, told])]
    assert [Urgency.NORMAL, Urgency.EMERGENCY] == urgencies


def test_one_message_is_heard_as_among_others() -> None:
    """The suggestions ask about one."""
    assert Urgency.EMERGENCY is classify(RULES, "", TOLD).urgency
    assert [] == classify_all(RULES, None, [])


@pytest.mark.parametrize(
    ("limits", "urgency", "waits"),
    [
        ((inf, inf), Urgency.NORMAL, False),
        ((inf, -1.0), Urgency.URGENT, True),
        ((0.5, inf), Urgency.EMERGENCY, False),
        ((99.0, inf), Urgency.NORMAL, False),
    ],
)
def test_a_city_sets_the_limits(limits: tuple[float, float], urgency: Urgency, waits: bool) -> None:
    """And switches either off."""
    (opinion,) = _opinions([TOLD], _limited(*limits))

    assert urgency is opinion.urgency
    assert waits == (Doubt.SOUNDS_DANGEROUS in opinion.doubts)


def test_a_city_that_switches_looks_off_has_none() -> None:
    """Nor of what is loud and at most looked at."""
    (opinion,) = _opinions([f"去年这里着火，{TOLD}"], _limited(0.5, inf))

    assert Doubt.SOUNDS_DANGEROUS not in opinion.doubts


@pytest.mark.parametrize("limits", [(nan, -1.0, -0.5), (0.5, nan, -0.5), (0.5, 0.6, -0.5), (0.5, -1.0, nan)])
def test_limits_that_mean_nothing_are_refused(limits: tuple[float, float, float], tmp_path: Path) -> None:
    """A look where an emergency would be none, and what is no number: everything would be looked at."""
    own = (resources.files("routing") / "data" / "settings.toml").read_text(encoding="utf-8")
    for name, limit in zip(("emergency_from", "look_from", "look_from_in_english"), limits, strict=True):
        own = re.sub(rf"^{name} = .*$", f"{name} = {limit}", own, flags=re.M)
    (tmp_path / "settings.toml").write_text(own, encoding="utf-8")

    with pytest.raises(Misconfigured, match=r"\[danger\]"):
        load_rules(tmp_path)


@pytest.mark.parametrize("pictures", ["🆘" * 10, "🏠🔥" * 12])
def test_pictures_hide_nothing(pictures: str) -> None:
    """Each is two units of a text that is weighed."""
    assert Urgency.EMERGENCY is _opinions([f"{pictures}。{TOLD}"])[0].urgency


@pytest.mark.parametrize(
    "text",
    [
        f"{TOLD}\n发自我的 iPhone 15",
        f"{TOLD}\nSent from my iPhone",
        f"我叫 Li Wei，{TOLD}",
        f"{TOLD}。车牌 AB C1234",
    ],
)
def test_a_name_in_latin_letters_makes_no_letter_english(text: str) -> None:
    """What sounds like danger is Chinese."""
    assert Urgency.EMERGENCY is _opinions([text])[0].urgency


@pytest.mark.parametrize("denied", ["没有着火，", "不是火灾，", "没有发生爆炸，"])
def test_what_is_denied_is_taken_back_too(denied: str) -> None:
    """Whoever says that it does not burn knows; somebody looks at what else they say."""
    (opinion,) = _opinions([f"{denied}{TOLD}"])

    assert Urgency.URGENT is opinion.urgency
    assert Doubt.SOUNDS_DANGEROUS in opinion.doubts


_BEFORE = "我们这个镇上的执法人员上午来过市场那边的摊子都收了就剩我一家还开着门做点小生意"


@pytest.mark.parametrize("before", [_BEFORE, _BEFORE * 2, "😀" * 9 + _BEFORE])
def test_speech_without_punctuation_hides_no_danger(before: str) -> None:
    """It is weighed in pieces, and the reason names the piece."""
    spoken = "粉碎机那里喊了一声就没动静了进去看只剩只鞋地上都是血"
    (opinion,) = _opinions([f"{before}{spoken}{_BEFORE}"])
    said = opinion.reasons[0].facts[1]

    assert Urgency.EMERGENCY is opinion.urgency
    assert "喊了一声就没动静了" in said
    assert said in f"{before}{spoken}{_BEFORE}"
    assert len(said) <= 36
