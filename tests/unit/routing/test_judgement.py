"""Judging with a model beside the rules."""

import pytest

from routing.core.classify import Wording, classify, classify_all
from routing.core.doubts import Doubt
from routing.core.evidence import read
from routing.core.judgement import LearnedJudge, by_rules
from routing.core.learning.training import learn
from routing.core.rules import load_rules
from tests.unit.routing.learning.lessons import LABELS, lessons

RULES = load_rules()
MODEL = learn(lessons(150), lambda title, text: read(RULES, title, text).scores, precision=0.9)
JUDGE = LearnedJudge(RULES, MODEL, "7")


def test_without_a_judge_the_rules_decide() -> None:
    """Many at once as one by one."""
    messages = [Wording("公交太少", "等车"), Wording("", "拖欠工资")]

    assert [classify(RULES, each.title, each.text) for each in messages] == classify_all(
        RULES, None, messages
    )


def test_a_judge_names_itself_and_its_candidates() -> None:
    """The category and the candidates are the model's; the kind, the district and the rest the rules'."""
    opinion = classify_all(RULES, JUDGE, [Wording("公交车太少", "东湖区投诉公交")])[0]

    assert ("7", "transport", "complaint", "donghu") == (
        opinion.model, opinion.category, opinion.kind, opinion.region,
    )  # fmt: skip
    assert set(LABELS) == {each.category for each in opinion.candidates}
    assert opinion.probability == opinion.candidates[0].probability > 0.6


def test_what_the_model_never_saw_is_for_a_person() -> None:
    """The rules are sure of wages, of which the model knows nothing: a candidate, and a doubt."""
    opinion = classify_all(RULES, JUDGE, [Wording("拖欠农民工工资", "讨薪")])[0]

    assert Doubt.UNSURE in opinion.doubts
    assert "labour" in {each.category for each in opinion.candidates}


@pytest.mark.parametrize("text", ["zzz qqq", "Good morning", "한국어", "。。。"])
def test_what_neither_the_model_nor_the_rules_can_read_is_for_a_person(text: str) -> None:
    """Of all such texts a model says the same, and may be sure of it; no department is guessed from that."""
    opinion = classify_all(RULES, JUDGE, [Wording(text, text)])[0]

    assert (classify(RULES, text, text).category, (), Doubt.NO_WORDS) == (
        opinion.category, opinion.candidates, *opinion.doubts,
    )  # fmt: skip
    assert ("7", 0.0) == (opinion.model, opinion.probability)


def test_the_words_that_decided_are_named_where_somebody_looks() -> None:
    """Or where they are asked for."""
    message = Wording("公交车太少", "等车")

    plain, explained = (
        classify_all(RULES, JUDGE, [message], explain=explain)[0] for explain in (False, True)
    )

    assert ("公交车",) == tuple(each.words for each in plain.reasons)[:1]
    assert any("公交" in each.words for each in explained.reasons)


@pytest.mark.parametrize(
    ("title", "text", "waits"),
    [
        # Three categories of one district, and of nobody else.
        ("南港区公园", "小区绿化带垃圾堆和噪音", False),
        ("医院和学校", "公交和工资", True),
    ],
)
def test_a_person_looks_where_the_department_is_unsure(title: str, text: str, waits: bool) -> None:
    """Which of its categories it is, a department sees itself."""
    assert waits == (Doubt.UNSURE in classify(RULES, title, text).doubts)


def test_the_rules_judge_as_they_always_did() -> None:
    """The likeliest first; nothing where no word speaks."""
    judged = by_rules(RULES, {"health": 2.0, "labour": 4.0})

    assert ["labour", "health"] == list(judged.probabilities)
    assert {} == by_rules(RULES, {}).probabilities
