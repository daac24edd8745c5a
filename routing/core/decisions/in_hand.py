"""What a dispatcher may decide about a case that a department has in hand, though nobody asked: move it, or merge it."""

from collections.abc import Collection, Sequence

from routing.core.decisions.chosen_urgency import ONLY_WITH_ITS_FIRST_DISPATCH
from routing.core.decisions.outcome import Dispatch, choose
from routing.core.decisions.review import Decision, Item, RoutingCase
from schemas.city import City
from schemas.errors import ActionNotAllowed, named_wrong
from schemas.wording import says_something
from schemas.words import CaseState, ReviewKind

#: Versions that handlers makes without a word to routing, at most: signing, questions, resumptions. Project choice, ample.
_UNHEARD = 50
#: While one of these waits, no department has the case in hand.
OUT_OF_HAND = (ReviewKind.DISPATCH, ReviewKind.RETURN, ReviewKind.REPLY)


def newest_of(case: RoutingCase, items: Sequence[Item]) -> int:
    """The newest version of the case that routing knows."""
    return max(case.version, *(item.version for item in items), 0)


def is_meant(case: RoutingCase, items: Sequence[Item], decision: Decision) -> bool:
    """Whether the decision is about a case in hand as such: not about what waits, nor what was decided at that version.

    A case whose reply is under review is in nobody's hand: whoever decides reads the reply first.
    """
    changes = bool(decision.lead or decision.category or decision.merge_into)
    asks_more = decision.kind is not None or decision.accept is not None or bool(decision.decline)
    waits = any(item.state == "open" and item.kind in OUT_OF_HAND for item in items)
    is_about_item = any(item.version == decision.version for item in items)
    return (
        case.state == "routed"
        and changes
        and not (asks_more or waits or is_about_item)
        and case.version <= decision.version <= newest_of(case, items) + _UNHEARD
    )


class AlreadyAnswered(ActionNotAllowed):
    """Its citizen has an answer, and may object."""

    zh = "此件已有答复，不能再改派或并单；市民提出异议后才会再办。"
    en = "This case has been answered: it is not moved or merged any more, unless its citizen objects."


def check_is_unanswered(case: RoutingCase) -> None:
    """Nobody has an answered case in hand: its citizen may object, and a dispatcher changes nothing any more.

    Raises:
        AlreadyAnswered: it is answered.
    """
    if case.response is not None:
        raise AlreadyAnswered(state=CaseState.CLOSED)


def check_ends(items: Sequence[Item], ends: Collection[str]) -> None:
    """A move or a merge ends what waits about the case: whoever asks for it has said so of each, as `Item.name`.

    Raises:
        BadInput: one of them they have not named.
    """
    unseen = ", ".join(item.name for item in items if item.state == "open" and item.name not in ends)
    if unseen:
        raise named_wrong(
            "ends",
            f"此件有申请等待决定，改派或并单后作废。请先决定，或勾选后再提交（系统在 ends 中写明：{unseen}）。",
            "A request waits, and a move or a merge ends it. Decide it first, or tick it here (a system names it in ends:"
            f" {unseen}).",
        )


def move_of(city: City, case: RoutingCase, decision: Decision) -> Dispatch:
    """Where the case goes (改派).

    Raises:
        BadInput: no reason, the department that has it, or one that may not have it; or it says how pressing the case is.
    """
    if not says_something(decision.remarks):
        raise named_wrong(
            "remarks",
            "改派在办件须写明理由。",
            "Say why it is taken from the department that has it.",
        )
    if decision.urgency is not None:
        raise ONLY_WITH_ITS_FIRST_DISPATCH
    outcome = choose(city, case, decision)
    if outcome.lead == case.lead:
        raise named_wrong("lead", "该单位正在办理此件。", "This is the department that has the case.")
    return outcome
