"""How soon somebody must move (紧急程度), as the dispatcher says who sends a case to its first department."""

from datetime import datetime

from routing.core.decisions.review import Decision, Item, RoutingCase
from schemas.errors import named_wrong
from schemas.words import ReviewKind, Urgency

#: In the detail of the item that a decision closed: how pressing its case was before, where the decision changed that.
URGENCY_BEFORE = "urgency_before"
#: In the detail of an item that waits: when its citizen told of the danger that made its case so pressing since.
PRESSING_SINCE = "pressing_since"


ONLY_WITH_ITS_FIRST_DISPATCH = named_wrong(
    "urgency",
    "紧急程度只能随首次派单更改：单位签收和答复的时限由此起算。",
    "How pressing a case is may only be changed with its first dispatch: its department's deadlines follow from it.",
)
_CONFIRM = named_wrong(
    "confirm",
    "特急件：请勾选“已核实”再降低紧急程度。",
    "An emergency: confirm that you have looked into it before you call it less than that.",
)


def pressing_since(item: Item) -> datetime | None:
    """When the case became as pressing as it is, where that was after it was registered."""
    said = item.detail.get(PRESSING_SINCE)
    return None if said is None else datetime.fromisoformat(said)


def chosen_urgency(case: RoutingCase, item: Item, decision: Decision) -> Urgency | None:
    """What the decision says, where that is another than was found; None: it stays as it was.

    Raises:
        BadInput: a department has had the case; or it was an emergency, and nobody says that they have looked into it.
    """
    if decision.urgency is None or decision.urgency is case.urgency:
        return None
    if item.kind is not ReviewKind.DISPATCH:
        raise ONLY_WITH_ITS_FIRST_DISPATCH
    if case.urgency is Urgency.EMERGENCY and not decision.confirm:
        raise _CONFIRM
    return decision.urgency


def urgency_before(case: RoutingCase, item: Item) -> Urgency:
    """How pressing the case was before the decision on `item`."""
    return Urgency(item.detail.get(URGENCY_BEFORE, case.urgency))
