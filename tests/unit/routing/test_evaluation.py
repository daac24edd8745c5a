"""Figures of a classification against labels."""

from typing import Any

import msgspec
import pytest

from routing.core.classify import Classification
from routing.core.doubts import Doubt
from routing.core.evaluation import figures
from schemas.city import load_city
from schemas.ids import CategoryCode, DepartmentCode
from schemas.values import Candidate
from schemas.words import Kind, Urgency

CITY = load_city()


def _opinion(category: str, probability: float = 0.9, *others: str, **changes: Any) -> Classification:
    candidates = tuple(Candidate(category=code, probability=probability) for code in (category, *others))
    opinion = Classification(
        category=CategoryCode(category),
        probability=probability,
        candidates=candidates,
        lead=DepartmentCode("letters"),
        kind=Kind.HELP,
        urgency=Urgency.NORMAL,
    )
    return msgspec.structs.replace(opinion, **changes)


def test_figures_of_a_small_example() -> None:
    """Two of three are right; the third had it second."""
    opinions = [_opinion("health"), _opinion("health", 0.8), _opinion("health", 0.5, "transport")]

    found = figures(CITY, ["卫生计生", "health", "交通运输"], opinions)

    assert (3, 2 / 3, 1.0) == (found.rows, found.accuracy, found.top3_accuracy)
    assert {"卫生计生": 0.8, "交通运输": 0.0} == {line.label: line.f1 for line in found.per_class}
    assert 0.4 == found.macro_f1
    assert 2 / 3 == found.coverage_at_95_precision


def test_each_label_has_its_own_figures() -> None:
    """How many rows it has, how many guesses of it are right, and how many of its rows were found."""
    labels = ["health", "health", "health", "transport"]
    opinions = [_opinion("health"), _opinion("health"), _opinion("labour"), _opinion("health")]

    health, transport = figures(CITY, labels, opinions).per_class

    assert ("卫生计生", 3, 2 / 3, 2 / 3) == (health.label, health.rows, health.precision, health.recall)
    assert (1, 0.0, 0.0, 0.0) == (transport.rows, transport.precision, transport.recall, transport.f1)


def test_the_fourth_guess_is_not_among_the_first_three() -> None:
    """Three are what a dispatcher is shown first."""
    opinion = _opinion("health", 0.4, "transport", "labour", "justice")

    found = figures(CITY, ["justice", "labour"], [opinion, opinion])

    assert 0.5 == found.top3_accuracy


def test_exactly_ninety_five_of_a_hundred_is_enough() -> None:
    """The limit itself counts."""
    opinions = [_opinion("health")] * 20

    assert 1.0 == figures(CITY, ["health"] * 19 + ["transport"], opinions).coverage_at_95_precision


def test_labels_and_opinions_go_in_pairs() -> None:
    """One without the other would shift all that follow."""
    with pytest.raises(ValueError, match="zip"):
        figures(CITY, ["health", "health"], [_opinion("health")])


def test_nothing_without_a_person_is_no_precision() -> None:
    """No row goes without a person: there is nothing to be right about."""
    found = figures(CITY, ["health"], [_opinion("health", doubts=(Doubt.UNSURE,))])

    assert (0.0, 0.0) == (found.auto_dispatch_share, found.auto_dispatch_precision)


def test_no_words_is_never_right() -> None:
    """其他 by default is no guess."""
    empty = _opinion("other", 0.0, candidates=())

    assert 0.0 == figures(CITY, ["其他"], [empty]).accuracy


def test_rows_of_one_probability_are_covered_together() -> None:
    """No threshold could part a right row from a wrong one with the same probability."""
    opinions = [_opinion("health"), _opinion("transport")]

    assert 0.0 == figures(CITY, ["health", "health"], opinions).coverage_at_95_precision


def test_what_goes_without_a_person_is_reported() -> None:
    """The share, and how much of it is right."""
    sure, unsure = _opinion("health"), _opinion("health", doubts=(Doubt.UNSURE,))

    found = figures(CITY, ["health", "health", "transport", "transport"], [sure, sure, sure, unsure])

    assert (0.75, 2 / 3) == (found.auto_dispatch_share, found.auto_dispatch_precision)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (["外星"], r"^These labels are no categories: 外星\.$"),
        ([*"gfedcba"], r"^These labels are no categories: a, b, c, d, e\.$"),
        ([], r"^There are no rows\.$"),
    ],
)
def test_what_cannot_be_measured_is_refused(labels: list[str], reason: str) -> None:
    """Unknown labels, or nothing."""
    with pytest.raises(ValueError, match=reason):
        figures(CITY, labels, [_opinion("health")] * len(labels))
