"""Tells a report that its writer says not to make (不举报了，就是问问) from one that is made, or given up under pressure."""

import re

from routing.core.pressure import tells_of_pressure

#: Characters before a word in which its denial can stand (project choice: 我们现在真的已经不打算再 has eleven).
_REACH = 16
#: Characters around it in which pressure is looked for. Project choice: the sentences next to it.
_AROUND = 80
#: Of the writer's own will, at the beginning of a clause: 我并不想举报; but not 没人举报, 他让我不要举报, 是不是不举报.
_DENIED = re.compile(
    r"(?:^|[，,。！？!?；;：:\s])(?:那|这次|今天|现在|所以|以后|其实)?(?:我们?|本人|咱们?)?(?:这次|今天|现在|其实|真的|已经|也|就|都|还是|决定|可|并){0,3}"
    r"(?:不是?|没有?|无意|绝不|从来没|从没)(?:想过?|打算|准备|要|来|再|愿意?|是){0,3}$"
)
#: What follows a report that is made for all that: 不举报不行了, 不举报怎么办, 不举报他就, 不举报才怪.
_STILL = re.compile(
    r"[^，,。！？!?；;\n]{0,8}(?:不行|不可|不成|怎么办|怎能|能行|才怪|才是|难道|何时|谁管|对不起|他就|吗|[？?])"
    r"|[^。！？!?；;\n]{0,12}(?:但|可是|可他|可她|不过|然而|只是|而是|却)"
)

#: What they write for instead, in the clauses behind it; nobody who goes on about what somebody did only asks.
_ASKS = re.compile(
    r"[^。！？!?；;\n]{0,16}(?:只是?|就是?|仅|想|请|麻烦|帮)[^，,。！？!?；;\n]{0,6}(?:问|咨询|了解|知道|查|看看|告诉|表扬|感谢)"
)
_GOES_ON = re.compile(
    r"[^\n]{0,60}(?:[他她]|凭什么|凭啥|为什么|为啥|送礼|好处|关系|红包|回扣|黑|贪|收[我了]|给了|书记|主任|[局所科处镇村队]长)"
)


def is_not_meant(text: str, at: int, end: int) -> bool:
    """Whether the word for a report at `at` up to `end` is one that its writer does not make: who only asks, unpressed.

    In doubt it is made: to protect what needs none costs a look, to show what needs it to whom it accuses costs more.
    """
    if not _DENIED.search(text[max(0, at - _REACH) : at]) or not _ASKS.match(text, end):
        return False
    if _STILL.match(text, end) or _GOES_ON.match(text, end):
        return False
    return not tells_of_pressure(text[max(0, at - _AROUND) : end + _AROUND])
