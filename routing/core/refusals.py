"""Refusals (不予受理) can be objected to once; another dispatcher than the one who refused decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from routing.core.review import Item, named_wrong
from schemas.words import ReviewKind

#: Project choice: as long as for an objection to an answer.
OBJECT_WITHIN = timedelta(days=30)


def objection_until(items: Sequence[Item], now: datetime) -> datetime | None:
    """The last moment for an objection to a refusal of now; None where there was one: then it is final."""
    was_objected = any(item.kind is ReviewKind.OBJECTION for item in items)
    return None if was_objected else now + OBJECT_WITHIN


def check_is_another(item: Item, by: str) -> None:
    """Nobody decides about their own refusal.

    Raises:
        BadInput: it was they who refused.
    """
    if item.kind is ReviewKind.OBJECTION and item.detail.get("declined_by") == by:
        raise named_wrong(
            "decline",
            "不予受理是您决定的，请由另一位派单员决定这项异议。",
            "It was you who declined it: another dispatcher decides on the objection.",
        )
