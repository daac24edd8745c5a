"""What a dispatcher's decision does: where the case goes, or that it goes nowhere; what it names must be there."""

from collections.abc import Mapping
from datetime import date as Day

import msgspec

from routing.core.decisions.chosen_item import chosen, usual_lead
from routing.core.decisions.chosen_tags import ONLY_WITH_A_DISPATCH, chosen_tags
from routing.core.decisions.chosen_urgency import ONLY_WITH_ITS_FIRST_DISPATCH, chosen_urgency
from routing.core.decisions.review import Decision, Item, RoutingCase, State
from routing.core.decisions.splitting import ONLY_DISPATCHED, parts_of
from routing.core.doubts import may_be_danger
from routing.core.named_item import item_of_parts
from schemas.city import City
from schemas.errors import named_wrong
from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, TagCode
from schemas.values import MatterPart
from schemas.wording import says_something
from schemas.words import ReviewKind, Urgency

#: Told to the citizen where the dispatcher names no other route.
DEFAULT_LEGAL_ROUTE = (
    "该事项不属于政务服务热线受理范围，请依法通过诉讼、仲裁、行政复议等法定途径，或向有权处理的机关提出。"
)


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a decision that sends a case to these departments."""

    category: CategoryCode
    item: ItemCode | None = None
    tags: tuple[TagCode, ...] = ()
    #: They are other tags than the case had.
    corrects_tags: bool = False
    #: How pressing it is from now on; None: as it was.
    urgency: Urgency | None = None
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    parts: tuple[MatterPart, ...] = ()


class Decline(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a decision that the city does not handle the matter (不予受理)."""

    legal_route: str


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a decision to handle a case together with another one (并单)."""

    into: CaseId


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Granted or not, approved or sent back."""

    accepted: bool
    #: Of a promise: the day, where it is another one than was asked for.
    date: Day | None = None


#: What is granted or not, and nothing else.
VERDICTS = frozenset({ReviewKind.EXTENSION, ReviewKind.SUSPENSION, ReviewKind.PROMISE, ReviewKind.REPLY})


Outcome = Dispatch | Decline | Merge | Verdict


def outcome_of(
    city: City, case: RoutingCase, item: Item, decision: Decision, target: RoutingCase | None
) -> Outcome:
    """What the decision does. `target`: the case that `merge_into` names.

    Raises:
        BadInput: it does not fit the item, or names what does not exist.
    """
    check_words("remarks", decision.remarks)
    if item.kind in VERDICTS and decision.tags is not None:
        raise ONLY_WITH_A_DISPATCH
    if item.kind in VERDICTS:
        return _verdict(item, decision)
    _one_of(decision, item)
    if decision.parts and not decision.sends:
        raise ONLY_DISPATCHED
    check_is_meant(case, item, decision)
    if decision.merge_into is not None:
        return merge_of(case, target)
    if decision.decline:
        return Decline(legal_route=_legal_route(item, decision.decline))
    if item.kind is ReviewKind.RETURN and decision.accept is False:
        return Verdict(accepted=False)
    if item.kind is ReviewKind.OBJECTION and decision.accept is False:
        if item.detail.get("answered"):
            raise named_wrong(
                "accept",
                "请派给单位、重新直接答复或说明法定途径。",
                "Dispatch it, answer it again, or say where else to go.",
            )
        return Decline(legal_route=_legal_route(item, True))
    return _dispatch(city, case, item, decision)


def check_corrects_with_a_dispatch(decision: Decision) -> None:
    """Tags, and how pressing it is, are corrected by whoever says where a case goes.

    Raises:
        BadInput: it names one of these, and the case is sent nowhere.
    """
    if decision.urgency is not None and not decision.sends:
        raise ONLY_WITH_ITS_FIRST_DISPATCH
    if decision.tags is not None and not decision.sends:
        raise ONLY_WITH_A_DISPATCH


def _legal_route(item: Item, said: str | bool) -> str:
    """The dispatcher's words; or those of the rule that raised the doubt; or the usual ones."""
    own = said.strip() if isinstance(said, str) else ""
    check_words("decline", own)
    return own or item.detail.get("legal_route") or DEFAULT_LEGAL_ROUTE


def check_words(field: str, text: str) -> None:
    """Whoever reads it learns something, unless nothing was written.

    Raises:
        BadInput: no letter and no digit is in it.
    """
    if text.strip() and not says_something(text):
        raise named_wrong(field, "不能只有标点或符号。", "Dots and signs alone say nothing.")


def _verdict(item: Item, decision: Decision) -> Verdict:
    if decision.accept is None:
        raise named_wrong("accept", "请选择同意或不同意。", "Accept, or do not.")
    return Verdict(accepted=decision.accept, date=_other_day(item, decision) if decision.accept else None)


def _other_day(item: Item, decision: Decision) -> Day | None:
    """The day that the dispatcher promises instead, within what the department might have asked for."""
    if decision.date is None:
        return None
    if item.kind is not ReviewKind.PROMISE:
        raise named_wrong("date", "只有承诺办理可以定日期。", "Only a promise has a date.")
    first, last = item.detail.get("not_before"), item.detail.get("not_after")
    day = decision.date.isoformat()
    if (first and day < first) or (last and day > last):
        raise named_wrong(
            "date",
            f"须在 {first} 至 {last} 之间。",
            f"It must lie between {first} and {last}, both included.",
        )
    return decision.date


def _one_of(decision: Decision, item: Item) -> None:
    refuses = item.kind in (ReviewKind.RETURN, ReviewKind.OBJECTION) and decision.accept is False
    ways = (
        decision.sends,
        refuses,
        decision.merge_into is not None,
        decision.answer is not None,
        bool(decision.decline),
    )
    if sum(ways) != 1:
        raise named_wrong(
            "lead",
            "请在派单、直接答复、并单、不予受理（退单还可以不同意）中选择一项。",
            "Choose exactly one: dispatch, answer, merge or decline (for a return also: do not accept).",
        )


def check_is_meant(case: RoutingCase, item: Item | None, decision: Decision) -> None:
    """Where somebody may be in danger, nothing is declined, merged or answered by one press. `item`: None: of one in hand.

    Raises:
        BadInput: nobody says that they have looked into it, or they had not read what its citizen said since.
    """
    if decision.confirm and decision.dangers_seen not in (None, case.dangers_said):
        raise named_wrong(
            "confirm",
            "市民刚才又说到险情：请先看其后来的话，再勾选“已核实”。",
            "Its citizen has told of danger since you opened this: read what they said, then confirm.",
        )
    ends = decision.merge_into is not None or decision.answer is not None or bool(decision.decline)
    if ends and may_be_danger(case, item) and not decision.confirm:
        raise named_wrong(
            "confirm",
            "特急件或疑似有人遇险：请勾选“已核实”再并单、不予受理或直接答复。",
            "An emergency, or what may be one: confirm that you have looked into it before you merge, decline or answer it.",
        )


#: Why a case takes no other one in any more, by how it stands.
_ENDED: Mapping[State, tuple[str, str]] = {
    "merged": (
        "目标件已并入另一件，请并入那一件。",
        "That case was merged into another one: merge into the other one.",
    ),
    "withdrawn": ("目标件已由市民撤回。", "The citizen withdrew that case."),
    "declined": ("目标件不予受理，不会有答复。", "That case was declined: it will have no answer."),
    "answered": (
        "目标件已直接答复，不再并入其他件。",
        "That case was answered directly: it takes no other one in.",
    ),
}


def merge_of(case: RoutingCase, target: RoutingCase | None) -> Merge:
    """The case that this one is to be merged into.

    Raises:
        BadInput: there is none, or it may not be.
    """
    if target is None:
        raise named_wrong("merge_into", "没有这个件。", "There is no such case.")
    if target.case_id == case.case_id:
        raise named_wrong("merge_into", "不能并入自身。", "A case cannot be merged into itself.")
    if target.state in _ENDED:
        raise named_wrong("merge_into", *_ENDED[target.state])
    if case.is_private or target.is_private:
        raise named_wrong(
            "merge_into",
            "保密件、受保护的件不能并单：答复只能给本人。",
            "Confidential and protected cases are not merged: their answer is for their own citizen alone.",
        )
    return Merge(into=target.case_id)


def _dispatch(city: City, case: RoutingCase, item: Item, decision: Decision) -> Dispatch:
    is_return = item.kind is ReviewKind.RETURN
    if is_return and decision.lead is None:
        raise named_wrong(
            "lead", "同意退单时请选择新的主办单位。", "An accepted return needs another lead department."
        )
    outcome = choose(city, case, decision)
    if is_return and outcome.lead == case.lead:
        raise named_wrong("lead", "该单位刚刚退单。", "This is the department that returned the case.")
    return msgspec.structs.replace(outcome, urgency=chosen_urgency(case, item, decision))


def choose(city: City, case: RoutingCase, decision: Decision) -> Dispatch:
    """The departments that the decision names, or those that the category leads to.

    Raises:
        BadInput: no such category, item, tag or department, one that the case accuses, or tags that have changed since.
    """
    category, item = chosen(city, (case.category, case.item), decision.category, decision.item)
    stays = category == case.category and (item is None or item.code == case.item)
    # A lead that the city has no more is none; of a category that it has no more nobody else is known.
    keeps = stays and (case.lead in city.department or category not in city.category)
    usual = case.lead if keeps else usual_lead(city, case.region, category, item)
    lead = DepartmentCode(decision.lead or usual)
    item_of = item_of_parts(city, case.region, case.kind)
    parts = parts_of(decision.parts, lead, is_protected=case.protected, item_of=item_of)
    named = dict.fromkeys([*decision.supporting, *(part.department for part in parts)])
    supporting = tuple(DepartmentCode(code) for code in named if code != lead)
    _check_department(city, case, "lead", lead)
    for code in supporting:
        _check_department(city, case, "supporting", code)
    tags = () if case.protected else chosen_tags(city, case.tags, decision.tags, decision.tags_seen)
    return Dispatch(
        category=category, item=item.code if item is not None and not case.protected else None, tags=tags,
        corrects_tags=tags != case.tags, lead=lead, supporting=supporting, parts=parts,
    )  # fmt: skip


def _check_department(city: City, case: RoutingCase, field: str, code: DepartmentCode) -> None:
    if code not in city.department:
        raise named_wrong(field, "没有这个单位。", "There is no such department.")
    if code in case.accused:
        raise named_wrong(
            field,
            "举报涉及该单位，不能由其办理。",
            "The report accuses this department: it may not handle it.",
        )
