"""A dispatcher's last refusal and its reason, shown at the top of the desk's page."""

from collections.abc import Sequence

from handlers.core.history import Happening
from handlers.core.rules import Action

#: What gives the case back to its department, with a reason.
_REFUSALS = frozenset(
    (
        Action.REFUSE_RETURN, Action.REFUSE_EXTENSION, Action.REFUSE_SUSPENSION, Action.REFUSE_PROMISE, Action.SEND_BACK,
    )
)  # fmt: skip
#: Behind it nobody has to read that any more: another answer, another case, another decision.
_OVER = frozenset(
    (
        Action.REPLY, Action.ROUTE, Action.PROTECT, Action.UNDO, Action.UNDO_MOVE, Action.UNDO_SEND_BACK, Action.APPROVE,
        Action.DECLINE, Action.ANSWER_DIRECTLY, Action.MERGE, Action.WITHDRAW, Action.OBJECT, Action.REDO,
    )
)  # fmt: skip
#: The same of a request: the department went on. A reply has to be written anew whatever else is asked for.
_GONE_ON = frozenset((Action.SIGN, Action.RETURN, Action.EXTEND, Action.SUSPEND, Action.PROMISE))


def refused_last(history: Sequence[Happening]) -> Happening | None:
    """The refusal that the department has not gone on from; None where there is none. `history`: in the order of time."""
    has_gone_on = False
    for row in reversed(history):
        if row.detail.get("ignored"):
            continue
        if row.event in _REFUSALS:
            return None if has_gone_on and row.event != Action.SEND_BACK else row
        if row.event in _OVER:
            return None
        has_gone_on |= row.event in _GONE_ON
    return None
