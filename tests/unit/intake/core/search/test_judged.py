"""The ranking holds its level on questions of our own whose answers were judged."""

from pathlib import Path

import pytest

from intake.core.search.judged import Shelf, figures_of, read_judged

SET = Path(__file__).with_name("judged_questions.tsv")

#: Chinese in both scripts, and English.
WORDS_TO_ASK_WITH = (
    "怎么办",
    "怎麼辦",
    "怎么投诉",
    "我要投诉",
    "请问如何办理",
    "什么时候可以办理",
    "请问什么时候",
    "请问需要什么材料",
    "怎么办理需要带什么材料",
    "请问多少钱",
    "请问要多久能办好",
    "麻烦问一下在哪里办理",
    "希望有关部门尽快解决",
    "關於我市的有關問題諮詢",
    "请问谁来管一管这个问题",
    "你好，请问怎么收费的",
    "how can I get it please",
    "How long does it take",
    "where do I apply for this",
)


def test_the_ranking_holds_its_level() -> None:
    """Everyday words for what offices call otherwise; one in ten asks in English what was answered in Chinese alone."""
    judged = read_judged(SET.read_text(encoding="utf-8").splitlines())
    figures = figures_of(judged)

    assert (len(judged) >= 100, figures.questions >= 150) == (True, True)
    assert figures.at_1 >= 0.69
    assert figures.at_5 >= 0.76
    assert figures.mrr >= 0.72
    assert figures.offered >= 0.62
    assert figures.offered_wrongly <= 0.27


@pytest.fixture(scope="module")
def without_lamps() -> Shelf:
    """All answers of the set that say nothing of lamps in streets."""
    judged = read_judged(SET.read_text(encoding="utf-8").splitlines())
    return Shelf([(each.title, each.response) for each in judged if "路灯" not in each.title + each.response])


@pytest.mark.parametrize("asked", WORDS_TO_ASK_WITH)
def test_words_to_ask_with_offer_nothing(without_lamps: Shelf, asked: str) -> None:
    """They stand in answers to anything: what shares them alone shares no matter."""
    assert [] == list(without_lamps.offered(asked))
    assert [] == list(without_lamps.offered(f"路灯不亮，{asked}"))


def test_what_is_asked_is_offered_whatever_it_is_asked_with(without_lamps: Shelf) -> None:
    """The matter is found under its words, however many of the others stand around it."""
    found = without_lamps.offered("您好，请问身份证丢失怎么补办，需要什么材料，麻烦告知，谢谢")

    assert found[0] == without_lamps.offered("身份证丢失补办")[0]


def test_figures_count_the_place_of_the_right_answer() -> None:
    """First, second, and not at all."""
    judged = read_judged(
        [
            "路灯不亮\t已修复。\t路灯不亮怎么办\t没有关系的话\n",
            "路灯太亮晃眼\t已调暗。\t路灯不亮不晃眼\n",
            "\n",
        ]
    )
    figures = figures_of(judged)

    assert (2, 3, 1, ("没有关系的话",)) == (
        figures.answers,
        figures.questions,
        figures.nothing,
        figures.missed,
    )
    assert pytest.approx(2 / 3) == figures.at_3


def test_a_line_without_a_question_is_named() -> None:
    """It says which."""
    with pytest.raises(ValueError, match="Line 2"):
        read_judged(["a\tb\tc\n", "a\tb\n"])


def test_a_shelf_finds_nothing_for_nothing() -> None:
    """No words, no documents."""
    assert [] == list(Shelf([]).nearest("路灯"))
    assert [] == list(Shelf([("路灯", "已修复")]).nearest("？"))
