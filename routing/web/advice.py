"""Advice on a reply, worded for whoever reviews it."""

from collections.abc import Mapping

import msgspec

from routing.core.decisions.reply_check import Remark, check_reply
from routing.core.rules import RoutingRules
from routing.web.views import ReviewCase
from schemas.words import Language, ReviewKind

#: In Chinese and English.
_REMARKS: Mapping[Remark, tuple[str, str]] = {
    Remark.OTHER_MATTER: (
        "答复与诉求几乎没有共同的内容，请确认没有发错件。",
        "Reply and message have next to nothing in common: is it another case's?",
    ),
    Remark.PARTLY: ("有的问题似乎没有回答：", "Some questions seem to have no answer: "),
    Remark.STOCK: ("套话较多：", "Many stock phrases: "),
    Remark.NO_BASIS: ("没有说明依据或调查情况。", "It names neither a basis nor what was found out."),
    Remark.NO_NEXT_STEP: (
        "没有说明办理结果、时间或下一步。",
        "It says neither what was done nor what comes next, and when.",
    ),
    Remark.SHORT: ("答复很短。", "The reply is very short."),
    Remark.PERSONAL: ("有个人信息（姓名、号码或住址）：", "Somebody's name, number or home: "),
}


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence, and the words that it is about, as they were written."""

    name: str
    about: str


def advice_on(rules: RoutingRules, row: ReviewCase, language: Language) -> tuple[Advice, ...]:
    """What to look at before a reply is approved; nothing for other items."""
    if row.kind is not ReviewKind.REPLY:
        return ()
    found = check_reply(rules, row.title, row.text, str(row.detail.get("response", "")))
    return tuple(
        Advice(name=language.choose(*_REMARKS[remark]), about="、".join(about))
        for remark, about in found.remarks
    )
