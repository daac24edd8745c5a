"""What a wished precision costs, and which wishes are taken."""

import pytest

from routing.core.precision import Measured, NewWish, check_wish, costs
from schemas.errors import BadInput

CURVE = (
    Measured(precision=0.9, threshold=0.5, coverage=0.8),
    Measured(precision=0.95, threshold=0.7, coverage=0.6),
    Measured(precision=0.99, threshold=1.01, coverage=0.0),
)


def test_a_week_is_reckoned_with() -> None:
    """What does not go out alone waits for a person."""
    assert [200, 400, 1000] == [cost.waiting_a_week for cost in costs(CURVE, 0.95, 1000)]


@pytest.mark.parametrize(
    ("wished", "chosen"), [(0.9, [0.9]), (0.92, [0.95]), (0.95, [0.95]), (0.999, []), (None, [])]
)
def test_the_step_that_holds_is_marked(wished: float | None, chosen: list[float]) -> None:
    """Between two of them the stricter."""
    assert chosen == [cost.precision for cost in costs(CURVE, wished, 10) if cost.is_chosen]


@pytest.mark.parametrize(
    ("precision", "reason", "field"), [(0.95, "……", "reason"), (0.94, "派错太多", "precision")]
)
def test_a_wish_is_one_of_the_table_with_a_reason(precision: float, reason: str, field: str) -> None:
    """Nobody wishes what was not measured."""
    with pytest.raises(BadInput) as refused:
        check_wish(NewWish(precision=precision, reason=reason), CURVE)

    assert [field] == [error.field for error in refused.value.errors]


def test_without_a_model_nothing_is_wished() -> None:
    """And the refusal says what to do first."""
    with pytest.raises(BadInput) as refused:
        check_wish(NewWish(precision=0.95, reason="派错太多"), ())

    assert "huiyin train" in refused.value.errors[0].en
