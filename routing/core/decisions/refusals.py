"""Refusals (不予受理) can be objected to once; another dispatcher than the one who refused decides."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from routing.core.decisions.review import Item
from schemas.errors import named_wrong
from schemas.objections import objection_until
from schemas.words import ReviewKind

#: In the detail of an item that a call-back opened: it takes nothing of the citizen's own objection.
CALLED_BACK = "called_back"


def objections_of(items: Sequence[Item]) -> list[Item]:
    """What the citizen objected to: not what another dispatcher recalled, or a call-back found not to be settled."""
    return [item for item in items if item.kind is ReviewKind.OBJECTION and not _is_the_centres(item)]


def _is_the_centres(item: Item) -> bool:
    return bool(item.detail.get("recalled") or item.detail.get(CALLED_BACK))


def objection_to_refusal_until(items: Sequence[Item], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The last moment for an objection to a refusal of now; None where there was one: then it is final."""
    return None if objections_of(items) else objection_until(now, zone)


def check_is_another(item: Item, by: str, *, is_person: bool) -> None:
    """Nobody decides about their own refusal: of a system that does not say for whom it asks nobody knows whether they do.

    Raises:
        BadInput: it was they who refused, or it is no person.
    """
    if item.kind is ReviewKind.OBJECTION and not is_person:
        raise named_wrong(
            "Acting-For",
            "异议须由另一位派单员决定：请说明代表哪位派单员操作。",
            "Another dispatcher than who decided before decides on the objection: say for which one you ask.",
        )
    if item.kind is ReviewKind.OBJECTION and item.detail.get("declined_by") == by:
        raise named_wrong(
            "decline",
            "此前是您决定的，请由另一位派单员决定。",
            "It was you who decided before: another dispatcher decides now.",
        )
