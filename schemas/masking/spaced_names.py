"""Hides names that are written letter by letter, as forms and printed lists have them: 姓名　李　明, 户主：陈 大 文."""

import re

from schemas.masking.cues import POST, STRONG, TELLING, WEAK, WEAKER
from schemas.masking.surnames import NOT_GIVEN, SURNAME, is_word
from schemas.patterns import compiled_later

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_SPACE = "[ \u3000\u00a0]"
#: What links a role and a name of such a list.
_LINK = rf"{_SPACE}{{0,4}}(?:[:：=|｜（(【\[“「]|就是|是|为|為|叫做|叫)?{_SPACE}{{0,4}}"
#: The other letters, and what may stand behind them.
_LETTERS = rf"((?:{_SPACE}{{1,3}}[{_HAN}]){{1,2}}|{_SPACE}{{1,3}}[{_HAN}]{{2}}(?![{_HAN}]))"
_ENDS = rf"(?={_SPACE}*(?:[^{_HAN} \u3000\u00a0]|$|反映|投诉|投訴|举报|舉報|来电|來電|诉求|訴求)|{_SPACE}+[{_HAN}]{{2}})"
_LED = compiled_later(
    rf"((?:{'|'.join((*STRONG, *WEAK, *WEAKER))}|{POST}){_LINK})({SURNAME}){_LETTERS}{_ENDS}"
)
#: Another one in a list behind a hidden one: 负责人：张**，李 四.
_NEXT = compiled_later(rf"(\*{_SPACE}?[/／、，,和与及]{_SPACE}?)({SURNAME}){_LETTERS}{_ENDS}")
#: Alone in the last line but for a date.
_SIGNED = compiled_later(
    rf"(\n{_SPACE}*)([{''.join(sorted(TELLING))}]){_LETTERS}(?={_SPACE}*(?:\n[^\n]{{0,20}})?\s*$)"
)
_HINT = compiled_later(rf"[{_HAN}]{_SPACE}{{1,3}}[{_HAN}]{{1,2}}(?![{_HAN}])")
#: With these end places, and no names.
_PLACE_END = frozenset("区县市镇乡村路街巷")
_GAPS = compiled_later(_SPACE)


def hide_spaced(text: str) -> str:
    """`text` with `王**` for names whose letters stand apart, behind who somebody is, in a list, or as a signature."""
    if not _HINT.search(text):
        return text
    text = _LED.sub(_hidden_name, text)
    for _ in range(text.count("*")):
        before, text = text, _NEXT.sub(_hidden_name, text)
        if before == text:
            break
    return _SIGNED.sub(_hidden_name, text)


def _hidden_name(match: re.Match[str]) -> str:
    given = _GAPS.sub("", match[3])
    is_strong = match[1].startswith(STRONG)
    # 王 建国, with the given name in one: behind other roles words stand so, too.
    if len(match[3].strip()) == len(given) > 1 and not is_strong:
        return match.group()
    is_other = is_word(match[2] + given) or given[-1] in _PLACE_END
    no_name = not NOT_GIVEN.isdisjoint(given) or (not is_strong and is_other)
    return match.group() if no_name else f"{match[1]}{match[2]}**"
