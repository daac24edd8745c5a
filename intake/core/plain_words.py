"""Normalises one word of a form or list, and whether it means yes."""

import re
import unicodedata

from intake.core.contacts.dialled import UNSEEN
from schemas.simplified import simplified

#: Behind a sign, that it be drawn in colours: it says nothing.
_DRAWN = "\ufe0f"
_AROUND = "()[]【】「」『』\"'“”‘’。.!;,、:"
_YES = (
    "(?:是|对|好|行|可以|可(?!能)|能|同意|愿意|允许|公开|显示|实名|署名|具名|已经?|没问题|没关系|无所谓"
    "|yes|ok(?:ay)?|sure|i?agreed?)"
)
_YES_TO = (
    "(?:对外|向社会|我|本人|的|姓名|名字|身份|个人信息|信息|资料|电话|联系方式|[和与及]|真实|举报|反映|投诉|认证|登记"
    "|勾选|谢谢|[啊呀吧呢哦了]|please|thanks|[，,、。!()/])"
)
#: A yes, and nothing beside it: 可以，但要打码 and 同意部分公开 are none.
_MAY_BE_NAMED = re.compile(
    f"(?:我|本人|对外)?{_YES}(?:{_YES}|{_YES_TO})*"
    r"|y|yeah|true|t|on|allowed|permitted|ofcourse|1(?:\.0+)?|[√✓✔☑]"
)


def plain_word(cell: str) -> str:
    """What it says, without marks around it, blanks, what nobody sees, and differences of characters."""
    text = simplified(UNSEEN.sub("", unicodedata.normalize("NFKC", cell)).replace(_DRAWN, "")).lower()
    return "".join(text.split()).strip(_AROUND)


def may_be_named(word: str) -> bool:
    """Whether somebody who says this, as `plain_word` has it, where it is asked plainly allows it."""
    return _MAY_BE_NAMED.fullmatch(word) is not None
