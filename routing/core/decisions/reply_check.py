"""Advice to whoever reviews a reply: does it answer this message, all of it, on what basis, and what comes next."""

import re
from collections.abc import Iterator
from enum import StrEnum
from math import exp, log1p, sqrt

import msgspec

from routing.core.evidence import read
from routing.core.rules import RoutingRules
from schemas.masking import for_public
from schemas.masking.surnames import SURNAME
from schemas.simplified import as_read


class Remark(StrEnum):
    """What a reviewer should look at."""

    #: 似乎不是回答这件诉求: its words are another message's
    OTHER_MATTER = "other-matter"
    #: 有的问题没有回答
    PARTLY = "partly"
    #: 套话多
    STOCK = "stock"
    #: 没有依据
    NO_BASIS = "no-basis"
    #: 没有说明下一步
    NO_NEXT_STEP = "no-next-step"
    #: 太短
    SHORT = "short"
    #: 个人信息: somebody's name, number or home, masked by now or not
    PERSONAL = "personal"


class ReplyAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """Advice to the reviewer of a reply, never a refusal."""

    #: 0–1: how much of what the reply says is about what the message says.
    relation: float
    #: With the words that it is about, where there are any.
    remarks: tuple[tuple[Remark, tuple[str, ...]], ...]


#: Ways of saying nothing (敷衍), written by hand.
_STOCK = (
    "高度重视",
    "非常重视",
    "感谢您的关心",
    "感谢您对",
    "感谢您的理解",
    "感谢您的支持",
    "理解与支持",
    "理解和支持",
    "敬请谅解",
    "给您带来不便",
    "正在研究",
    "进一步研究",
    "进一步加强",
    "加大力度",
    "会逐步解决",
    "按照有关规定",
    "按相关规定",
    "请您耐心等待",
    "尽快解决",
    "已转",
    "转交相关部门",
    "将认真对待",
    "祝您生活愉快",
    "欢迎您继续",
    "一如既往",
)
_BASIS = re.compile(
    r"《[^》]{2,60}》|〔\d{4}〕|[第][一二三四五六七八九十百\d]+条|根据|依据|依照|按照[^，。]{2,30}(?:规定|办法|条例|政策|标准|文件|规划)|经(?:调查|核实|查|了解|现场)"
)
_NEXT = re.compile(
    r"将(?:于|在|会|对|继续|督促|安排|组织|加)|计划|预计|下一步|下步|近期|拟|届时|已(?:经)?(?:完成|解决|整改|修复|安排|处理|办结|支付|发放|督促|要求|责令|协调|联系)"
    r"|\d+月(?:底|\d+日)|前完成|请(?:您)?(?:到|携带|拨打|联系|向|凭|提供)|可(?:以)?(?:到|拨打|向|通过|凭|携带|申请)|如有疑问"
)
_QUESTION = re.compile(r"[^，。；！？\n?]{4,60}[？?]")
#: Characters of function words, greetings and authorities: what any two messages share.
_EMPTY = frozenset(
    "的了是在我你您他她它们这那有和与及对为不也都就要会可以能到从被把向于由等个上下中来去说请吧呢吗啊年月日时一二三四五六七八九十两"
    "网友好留言收悉现将情况回复如下感谢监督支持关心理解反映问题相关部门有关单位领导尊敬市区县省政府工作处理解决答复"
)
_PUNCTUATION = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]+")
#: A reply below this relation looks like another message's. Project choice: of real replies one in fifteen lies below, of
#: those to other messages three in four (docs/measurements.md).
_OTHER_BELOW = 0.3
_SHORT = 30
#: What every question has, whatever it asks.
_ASKING = frozenset("什么时候怎样如何为何哪谁几多少吗呢能否是可底事")
#: So many of a question's own characters stand in what answers it in other words (修好, 修复). Project choice.
_SPOKEN_OF = 0.5
#: What the masker writes: three stars and more of a number or home, with what stands before; fewer behind a family name or
#: an English initial alone. Others multiply (7*24小时, 2.5米*3米) or point at a note.
_MASKED = re.compile(
    rf"[A-Za-z0-9\u4e00-\u9fff]{{1,4}}\*{{3,}}\d*|(?:{SURNAME}\*{{1,2}}|(?<![A-Za-z])[A-Z]\*\*)(?![*\d])"
)
#: `**bold**`, as some programs write it: the masker's stars stand behind what they are of.
_BOLD = re.compile(r"(?<![\w*])\*\*([^*\n]+)\*\*(?!\*)")
#: Questions, or masked words, that a remark names (project choice: a line of the page).
_NAMED = 3
#: What the parts of the relation count (project choice, on the same replies): common strings of the title beside those of
#: the whole message, the length of the reply, and how alike the categories are of which both speak.
_TITLE, _LENGTH, _CATEGORIES = 4.0, 0.5, 1.5


def check_reply(rules: RoutingRules, title: str, text: str, response: str) -> ReplyAdvice:
    """What a reviewer should look at in `response` to the message."""
    title, text, response = as_read(title), as_read(text), as_read(response)
    relation = relation_of(rules, title, text, response)
    open_questions, stock = _unanswered(title, text, response), _stock(response)
    personal = _personal(response)
    remarks = (
        (relation < _OTHER_BELOW, Remark.OTHER_MATTER, ()),
        (bool(open_questions), Remark.PARTLY, open_questions),
        (len(stock) >= 3, Remark.STOCK, stock),
        (not _BASIS.search(response), Remark.NO_BASIS, ()),
        (not _NEXT.search(response), Remark.NO_NEXT_STEP, ()),
        (len(response) < _SHORT, Remark.SHORT, ()),
        (bool(personal), Remark.PERSONAL, personal),
    )
    found = tuple((remark, about) for holds, remark, about in remarks if holds)
    return ReplyAdvice(relation=round(relation, 4), remarks=found)


def relation_of(rules: RoutingRules, title: str, text: str, response: str) -> float:
    """How much the reply speaks of what the message speaks of: common strings, and categories."""
    said = sum(map(_worth, _strings(f"{title}\n{text}", response)))
    headed = sum(map(_worth, _strings(title, response)))
    loud = log1p(said + _TITLE * headed) - _LENGTH * log1p(len(response))
    return 1 / (1 + exp(-loud - _CATEGORIES * _alike(rules, title, text, response)))


def _alike(rules: RoutingRules, title: str, text: str, response: str) -> float:
    """Cosine of what the word lists hear in both."""
    heard, answered = read(rules, title, text).scores, read(rules, "", response).scores
    lengths = sqrt(sum(x * x for x in heard.values()) * sum(x * x for x in answered.values()))
    return sum(loud * answered.get(code, 0.0) for code, loud in heard.items()) / lengths if lengths else 0.0


def _strings(text: str, response: str) -> set[str]:
    """The longest strings of two characters or more that both have."""
    heard = "\n".join(_PUNCTUATION.split(response))
    return {piece for clause in _PUNCTUATION.split(text) for piece in _common(clause, heard)}


def _common(clause: str, heard: str) -> Iterator[str]:
    at = 0
    while at < len(clause) - 1:
        end = at + 2
        if clause[at:end] not in heard:
            at += 1
            continue
        while end < len(clause) and clause[at : end + 1] in heard:
            end += 1
        yield clause[at:end]
        at = end - 1 if end - at > 2 else at + 1


def _worth(piece: str) -> float:
    """Nothing for what everybody says; more than in proportion for what is long."""
    telling = sum(character not in _EMPTY for character in piece)
    return 0.0 if telling < 2 else 0.5 if telling == 2 else (telling - 1.0) ** 1.3


def _stock(response: str) -> tuple[str, ...]:
    return tuple(phrase for phrase in _STOCK if phrase in response)


def _unanswered(title: str, text: str, response: str) -> tuple[str, ...]:
    """Questions of which the reply has no telling word; of one question alone nothing is said."""
    asked = list(dict.fromkeys(match.group() for match in _QUESTION.finditer(f"{title}\n{text}")))
    if len(asked) < 2:
        return ()
    return tuple([each for each in asked if not _is_spoken_of(each, response)][:_NAMED])


def _is_spoken_of(question: str, response: str) -> bool:
    """By a string that both have, or by most of its characters; of one without any of its own nobody can say."""
    if any(_worth(piece) for piece in _strings(question, response)):
        return True
    telling = set(_PUNCTUATION.sub("", question)) - _EMPTY - _ASKING
    return sum(character in response for character in telling) >= _SPOKEN_OF * len(telling)


def _personal(response: str) -> tuple[str, ...]:
    """What everybody would read masked, or what was masked when the department sent it."""
    shown = for_public(_BOLD.sub(r"\1", response), official=True)
    return tuple(dict.fromkeys(_MASKED.findall(shown)))[:_NAMED]
