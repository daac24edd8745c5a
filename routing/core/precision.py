"""How sure the machine has to be (把握要求): a city's wish, and what each other wish would cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from routing.core.decisions.review import Sentence
from routing.core.learning.lesson_doubts import LessonDoubt
from schemas.errors import named_wrong
from schemas.wording import says_something

#: What is received in so many days is what a wish is reckoned with (project choice: every weekday is in it once).
RECKONED_DAYS = 7
#: Two wishes that differ by less are one (project choice: beyond what anybody types).
_SAME = 1e-9


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Of what goes out without a person, so much is to be right; who said so, when and why."""

    precision: float
    reason: str
    decided_by: str
    at: datetime


class NewWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wished from now on, and why."""

    precision: Annotated[float, msgspec.Meta(ge=0.5, le=0.999)]
    reason: Sentence


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Of the model that decides: what each precision costs, on messages held out from what judged them."""

    precision: float
    threshold: float
    coverage: float


class ModelFigures(msgspec.Struct, frozen=True):
    """What is known of a stored model beside its numbers, as far as people decide by it."""

    labels: tuple[str, ...]
    #: That it was trained for.
    precision: float
    curve: tuple[Measured, ...] = ()
    doubts: tuple[LessonDoubt, ...] = ()
    further_doubts: tuple[LessonDoubt, ...] = ()


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """One precision: the share that goes out without a person, and how many of a week's messages wait for one, about."""

    precision: float
    threshold: float
    coverage: float
    waiting_a_week: int
    is_chosen: bool


def costs(curve: Sequence[Measured], wished: float | None, received: int) -> list[Cost]:
    """What each precision costs, of `received` messages a week; the one that holds now is marked."""
    holds = next((step for step in curve if wished is not None and step.precision >= wished - _SAME), None)
    return [
        Cost(
            precision=step.precision,
            threshold=step.threshold,
            coverage=step.coverage,
            waiting_a_week=round(received * (1 - step.coverage)),
            is_chosen=step is holds,
        )
        for step in curve
    ]


def check_wish(wish: NewWish, curve: Sequence[Measured]) -> None:
    """Refuse a wished precision that was not measured, or that comes without a reason.

    Raises:
        BadInput: it says no reason, or nobody knows what it would cost.
    """
    if not says_something(wish.reason):
        raise named_wrong("reason", "请写明理由。", "Say why.")
    if not curve:
        raise named_wrong(
            "precision",
            "还没有学习过的模型：先运行 huiyin train，再 huiyin models promote。",
            "No learned model decides yet: run huiyin train, then huiyin models promote.",
        )
    if all(abs(step.precision - wish.precision) > _SAME for step in curve):
        raise named_wrong("precision", "请选择表中的一项。", "Choose one of the table.")
