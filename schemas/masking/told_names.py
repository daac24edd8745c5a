"""Hides names that are told letter by letter: 姓王，单名一个亮; 王建国，建筑的建，国家的国; 弓长张，伟大的伟."""

import re

from schemas.masking.surnames import NOT_GIVEN, SURNAME
from schemas.patterns import compiled_later

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
#: Surnames by what they are written with, as people say them.
_PARTS = tuple(
    re.findall(
        "...",
        "弓长张弓長張木子李耳东陈耳東陳口天吴口天吳双木林雙木林古月胡立早章草头黄草頭黃大肚黄三横王三橫王言午许言午許人可何走肖赵"
        "木易杨木易楊双人徐雙人徐双口吕雙口呂干钩于干勾于文刀刘文刀劉西早谭西贝贾关耳郑關耳鄭",
    )
)
_BY_PARTS = f"(?:{'|'.join(_PARTS)})"
#: A surname that is told, perhaps by its parts, perhaps both, and what links it with what follows.
_SURNAME_TOLD = (
    f"(?=[{''.join(sorted({told[0] for told in ('姓', *_PARTS)}))}])"
    rf"(?:姓[是:： ]{{0,2}}{SURNAME}(?:[，,、 ]{{0,2}}{_BY_PARTS})?|{_BY_PARTS})(?:的{SURNAME})?[，,、；;。 ]{{0,2}}"
)
_ENDS = (
    rf"(?=的?字|的(?:业主|住户|市民|先生|女士|人)|[^{_HAN}*]|$"
    "|反映|投诉|投訴|举报|舉報|来电|來電)"
)
#: What is said of a name instead of its letters: 大名鼎鼎, 名字是秘密, 单名字母A, 单字错误.
_NO_LETTERS = (
    "鼎鼎|秘密|保密|字母|数字|什么|甚么|多少|怎么|哪个|啥|错误|有误|写错"
    "|不详|不明|未知|未填|不填|假的|真的|同名|化名|匿名|在外"
)
#: The given name behind it. 名 alone begins other words: 姓王名下的房产.
_SINGLE = compiled_later(
    rf"({_SURNAME_TOLD}(?:名字|名)?[是叫]?(?:[单單双雙][名字]|[叫取]名|名字[是叫]|名叫|大名)[是叫为為]?(?:一[个個])?"
    rf"[“「\"' ]?)(?!{_NO_LETTERS})([{_HAN}]{{1,2}}?){_ENDS}"
)
_NAMED = compiled_later(rf"({_SURNAME_TOLD}名(?![下单單义義额額称稱誉譽字叫为為]))([{_HAN}]{{1,2}}?){_ENDS}")
#: Letters by words that have them: 建筑的建, 伟大的伟字.
_FIRST, _SECOND, _THIRD = (
    rf"(?:(?:(?![我你他她它说說讲講这這那都了不])[{_HAN}]){{0,3}}(?P<{name}>[{_HAN}])[{_HAN}]{{0,3}}的(?P={name})字?(?=[^{_HAN}]|$))"
    for name in ("first", "second", "third")
)
_BETWEEN = "[，,、；; ]{0,2}"
_BY_WORDS = compiled_later(
    rf"((?:{SURNAME}\*\*?(?!\*)|{_SURNAME_TOLD}(?:名字?)?[是叫]?)[”」（(，,、；;：: ]{{0,2}}[是就]{{0,2}})"
    rf"{_FIRST}(?:{_BETWEEN}{_SECOND})?(?:{_BETWEEN}{_THIRD})?"
)
#: Whether there may be any.
TOLD_HINT = compiled_later(
    rf"[单單双雙][名字]|姓[{_HAN}][{_HAN}，,、 ]{{0,4}}名"
    rf"|[姓*{''.join(sorted({told[-1] for told in _PARTS}))}][^\n]{{0,12}}的[{_HAN}]字?(?![{_HAN}])"
)


def hide_told(text: str) -> str:
    """`text` without the letters of names that somebody tells one by one, behind a surname or a hidden name."""
    text = _SINGLE.sub(_hidden_given, text)
    text = _NAMED.sub(_hidden_given, text)
    return _BY_WORDS.sub(r"\1**", text)


def _hidden_given(match: re.Match[str]) -> str:
    return f"{match[1]}**" if NOT_GIVEN.isdisjoint(match[2]) else match.group()
