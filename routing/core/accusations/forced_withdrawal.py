"""Whether somebody who withdraws a case says that they are pressed to; such a withdrawal does not count."""

import re

from routing.core.text.negation import Assertion, said

#: Force, threats, and what one is afraid of.
_FORCE = (
    r"威胁|恐吓|恫吓|要挟|胁迫|被迫|逼迫|强迫|强行|施压|逼[我俺咱着]|报复|穿小鞋|吓唬|吓[到怕坏]|警告[我俺咱]|不敢"
    r"|怕(?:他|被|出事|惹|影响|得罪|孩子|家人|以后|丢)|得罪不起|惹不起|身不由己|不得不|不得已|迫不得已|迫于|压力"
    r"|封口|跟踪|盯上|堵[我在]?门|砸|打断|弄死|走着瞧|开除|辞退|停[了]?我|扣[了]?我|丢[了]?工作"
    r"|影响(?:到)?(?:我|孩子|小孩|家人|工作|政审|考试|上学)"
)
_WHO = (
    r"领导|局里|科长|局长|所长|站长|主任|书记|村长|村里|队长|街道|社区|居委|单位|学校|老师|校长|公司|老板|物业|警察"
    r"|民警|派出所|城管|工作人员|他们|她们|对方|有人|人家"
)
_MAKES = r"让|叫|要|要求|逼|劝|命令|勒令|通知|找到?|约谈"
_BACK = r"撤|不要再|别再|不许|不准|不让|不能再|删"
#: Within a clause, within a sentence.
_CLAUSE, _SENTENCE = r"[^，。！？；,.!?;]", r"[^。！？；.!?;]"
#: Who makes whom take it back, and what is refused or given for it. Kept narrow: 物业打电话来说修好了 is no pressure.
_MADE_TO = (
    rf"(?:{_MAKES})(?:我|俺|咱|本人)(?:们)?(?:家)?(?:的?人)?{_CLAUSE}{{0,8}}(?:{_BACK})"
    rf"|(?:{_WHO}){_CLAUSE}{{0,10}}(?:{_MAKES}){_CLAUSE}{{0,6}}(?:{_BACK})"
    rf"|不(?:撤|删){_SENTENCE}{{0,12}}(?:就|不|没|扣|停|取消|后果)"
    rf"|撤了?{_SENTENCE}{{0,4}}(?:才|再|就)(?:给|能|肯|办|发|可以)"
)
_CHINESE = re.compile(rf"{_FORCE}|{_MADE_TO}")
_ENGLISH = re.compile(
    r"\b(?:threat\w*|blackmail\w*|intimidat\w*|coerc\w*|pressur\w*|forc(?:ed|ing) (?:me|us|to)|(?:was|were|am|are) forced"
    r"|(?:made|making|told|telling|ordered|asked|asking|wants?|wanted) (?:me|us) to"
    r" (?:withdraw|drop|take|retract|cancel|delete)"
    r"|afraid|scared|retaliat\w*|reprisals?|or else|ha(?:ve|d) no choice|against my will|lose my job|fired)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|no|nobody|never|without|isn't|wasn't|weren't|n't)\b[^.!?;]{0,20}$", re.IGNORECASE
)


def tells_of_pressure(text: str) -> bool:
    """Whether the words, in Simplified characters, tell that they were not free; what is denied does not count."""
    chinese = any(
        said(text, word.start(), word.end()) >= Assertion.FEARED and not _is_denied(text[: word.start()])
        for word in _CHINESE.finditer(text)
    )
    return chinese or any(not _NOT.search(text[: word.start()]) for word in _ENGLISH.finditer(text))


#: 没有人威胁我, 没人逼我, 并没有受到任何压力: `said` looks right before the word alone.
_DENIED = re.compile(
    r"(?:没有?(?:任何)?人|无人|没有?(?:受到?|感到)?(?:任何|什么)?|(?:并)?不是|并非|绝非|未(?:受|被))[^，。！？；,.!?;]{0,3}$"
)


def _is_denied(before: str) -> bool:
    return bool(_DENIED.search(before))
