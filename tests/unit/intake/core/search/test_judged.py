"""The ranking holds its level on questions of our own whose answers were judged."""

from pathlib import Path

import pytest

from intake.core.search.judged import Shelf, figures_of, read_judged

SET = Path(__file__).with_name("judged_questions.tsv")


def test_the_ranking_holds_its_level() -> None:
    """Everyday words for what offices call otherwise; one in ten asks in English what was answered in Chinese alone."""
    judged = read_judged(SET.read_text(encoding="utf-8").splitlines())
    figures = figures_of(judged)

    assert (len(judged) >= 100, figures.questions >= 150) == (True, True)
    assert figures.at_1 >= 0.69
    assert figures.at_5 >= 0.76
    assert figures.mrr >= 0.72


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
    with pytest.raises(ValueError, match="line 2"):
        read_judged(["a\tb\tc\n", "a\tb\n"])


def test_a_shelf_finds_nothing_for_nothing() -> None:
    """No words, no documents."""
    assert [] == list(Shelf([]).nearest("路灯"))
    assert [] == list(Shelf([("路灯", "已修复")]).nearest("？"))
