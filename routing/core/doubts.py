"""Why a person must look: a code and its facts, worded by whoever shows it, in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from routing.core.decisions.review import Item, RoutingCase
from schemas.values import RaisedDoubt
from schemas.words import ReviewKind, Urgency


class Doubt(StrEnum):
    """Why a person must look."""

    #: 应立即转 110、119、120、122
    TRANSFER = "transfer"
    #: 可能不属受理范围
    OUTSIDE = "outside"
    #: 举报涉及单位
    ACCUSED = "accused"
    #: 举报对象不明: officials are accused, and of no unit that we know
    ACCUSED_UNKNOWN = "accused-unknown"
    #: 疑似举报: no rule finds a deed, but it sounds like an accusation; which weights said so, and of which words
    SOUNDS = "sounds-accusing"
    #: 疑似险情: no rule finds danger, but it sounds like it; which weights said so, and of which words
    SOUNDS_DANGEROUS = "sounds-dangerous"
    #: 没有可依据的词语
    NO_WORDS = "no-words"
    #: 并单已解除: with why, and the citizen's words
    UNMERGED = "unmerged"
    #: 撤回待核实: its words accuse somebody, or tell of pressure
    WITHDRAWAL = "withdrawal"
    #: 决定已撤销: whoever decided took it back within minutes
    UNDONE = "undone"
    #: 我也遇到: the same as a public matter, its citizen says, and more; or it cannot be merged by itself
    ME_TOO = "me-too"
    #: 认定不一致: two rulings that fit alike send it to two departments
    RULINGS = "rulings"
    #: 似有几件事: what the message joins is clearly other departments'; whose
    SEVERAL = "several"
    #: 把握不足
    UNSURE = "unsure"


def may_be_danger(case: RoutingCase, item: Item | None) -> bool:
    """Whether somebody may be in danger, by a rule's word, by how it sounds, or as was said since: one press ends none."""
    sounds = item is not None and Doubt.SOUNDS_DANGEROUS in item.detail.get("doubts", ())
    return case.urgency is Urgency.EMERGENCY or sounds or case.dangers_said > 0


def waiting_doubts(item: Item, case: RoutingCase) -> tuple[RaisedDoubt, ...]:
    """The doubts about an item as they are now: a supplement may have accused somebody since."""
    codes = [code for code in item.detail.get("doubts", ()) if code != Doubt.ACCUSED]
    if case.accused and item.kind is ReviewKind.DISPATCH:
        codes = [Doubt.ACCUSED, *(code for code in codes if code != Doubt.ACCUSED_UNKNOWN)]
    probability = item.candidates[0].probability if item.candidates else 0.0
    return raised({**item.detail, "doubts": codes}, case.accused, probability)


def raised(detail: Mapping[str, Any], accused: Sequence[str], probability: float) -> tuple[RaisedDoubt, ...]:
    """The doubts in an item's `detail`, with their facts."""
    facts: Mapping[str, Callable[[], tuple[str, ...]]] = {
        Doubt.TRANSFER: lambda: tuple(detail.get("transfer", ())),
        Doubt.OUTSIDE: lambda: tuple(detail.get("outside", ())),
        Doubt.ACCUSED: lambda: tuple(accused),
        Doubt.UNMERGED: lambda: tuple(detail.get("unmerged", ())),
        Doubt.ME_TOO: lambda: tuple(detail.get("me_too", ())),
        Doubt.SOUNDS: lambda: tuple(detail.get("sounds", ())),
        Doubt.SOUNDS_DANGEROUS: lambda: tuple(detail.get("sounds_dangerous", ())),
        Doubt.SEVERAL: lambda: tuple(detail.get("several", ())),
        Doubt.UNSURE: lambda: (f"{probability:.2f}",),
    }
    return tuple(
        RaisedDoubt(code=code, facts=facts[code]() if code in facts else ())
        for code in detail.get("doubts", ())
    )
