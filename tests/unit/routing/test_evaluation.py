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
    opinions = [_opinion("health"), _opinion("health", doubts=(Doubt.UNSURE,))]

    found = figures(CITY, ["health", "transport"], opinions)

    assert (0.5, 1.0) == (found.auto_dispatch_share, found.auto_dispatch_precision)


@pytest.mark.parametrize(("labels", "reason"), [(["外星"], "外星"), ([], "no rows")])
def test_what_cannot_be_measured_is_refused(labels: list[str], reason: str) -> None:
    """Unknown labels, or nothing."""
    with pytest.raises(ValueError, match=reason):
        figures(CITY, labels, [_opinion("health")] * len(labels))
