"""Whether words that name a danger also tell that it is over: then nobody but a person calls it an emergency."""

import re

_OVER = re.compile(
    r"已经?(?:被|都|全|给)?[^，,。！？；\n已没未不]{0,4}(?:[好复走清]了?(?=[，,。！；\s]|$)|灭|完毕|解决|处理|控制住|解除|平安|脱险)"
    r"|扑灭|火灭了|和解|撤诉|撤[回销]|[修接换装弄治]好了|(?:修复|处理|解决|康复|出院|脱险|获救)了"
    r"|道歉|(?:请|要求|希望)[^，,。！？；\n]{0,4}赔偿|损失[是为共约]|那[次回]|上次|没事了|不用再?(?:来|管|处理)"
    r"|虚惊|开玩笑|误会|误报|搞错"
    r"|\b(?:(?:it|this|the danger|the fire) is over|repaired|fixed|put out|extinguished|resolved"
    r"|withdraw\w*|apologi[sz]e[ds]?|settled|compensation|a joke|joking|false alarm)\b",
    re.IGNORECASE,
)
#: Nothing is over while it happens again, while somebody is still in it, or where a life is threatened.
_GOES_ON = re.compile(
    r"又|再次|还[在有没会是]|仍|正在|现在|刚[才刚]|此刻|马上|赶紧|快[点来救去]|救命|救救|[没不]住|[被压埋][在着住]|困|昏"
    r"|[没不][动醒出上找]|流血|没(?:气|呼吸)|越来越|复燃|跳[楼河江桥]|自杀|轻生|[想要]死|不想活|活不下去|想不开|农药|安眠药|刀"
    r"|[着起失]火了|漏了|[砍捅打](?:我|人|老婆|孩子)|掉[^，,。！？；\n]{0,4}[了里]|[烟味]|倒地|关着|说|消防"
    r"|\b(?:sa(?:id|ys)|there is|again|still|right now|now|help|hurry|trapped|unconscious|bleeding|burning|screaming"
    r"|not breathing|kill\w*|suicide|hang|jump|knife|myself)\b",
    re.IGNORECASE,
)


def tells_that_it_is_over(text: str) -> bool:
    """Whether they do; they are in Simplified characters, or English."""
    return bool(_OVER.search(text)) and not _GOES_ON.search(text)
