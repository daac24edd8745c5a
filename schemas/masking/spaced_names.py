"""Hides names written letter by letter, as forms have them or so that no program should know them: 陈 大 文, 王.建.国."""

import re

from schemas.masking.cues import POST, STRONG, TELLING, WEAK, WEAKER
from schemas.masking.surnames import NOT_GIVEN, SURNAME, is_word
from schemas.patterns import compiled_later

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_SPACE = "[ \u3000\u00a0]"
#: What links a role and a name of such a list.
_LINK = rf"{_SPACE}{{0,4}}(?:[:：=|｜（(【\[“「]|就是|是|为|為|叫做|叫)?{_SPACE}{{0,4}}"
#: What stands between two letters of a name that somebody disguises.
_MARK = "[.．·・•‧∙⋅_＿~～\\-－—–]"
_GAP = rf"(?:{_SPACE}{{1,3}}|{_SPACE}?{_MARK}{_SPACE}?)"
#: Between all of them, also what else no two single letters stand beside.
_MARK_OF_ALL = f"(?:{_MARK}|[。、/／])"
#: Before these what stands apart is a name: 业主张 建国先生.
_TITLES = "(?:先生|女士|小姐(?!姐)|同志|老师|老師|师傅|師傅|阿姨)"
_ENDS = (
    rf"(?=(?:{_SPACE}|{_MARK})*(?:[^{_HAN} \u3000\u00a0]|$"
    rf"|反映|投诉|投訴|举报|舉報|来电|來電|诉求|訴求|{_TITLES})|{_SPACE}+[{_HAN}]{{2}})"
)
#: The other letters, and what may stand behind them.
_LETTERS = (
    rf"((?:{_MARK_OF_ALL}[{_HAN}]){{2}}(?!{_MARK_OF_ALL})|(?:{_GAP}[{_HAN}]){{1,2}}{_ENDS}"
    rf"|{_GAP}[{_HAN}]{{2}}(?:(?![{_HAN}]){_ENDS}|(?={_TITLES})))"
)
_TITLE = compiled_later(_TITLES)
_APART = compiled_later(rf"({SURNAME}){_LETTERS}")
_LED = compiled_later(rf"({'|'.join((*STRONG, *WEAK, *WEAKER))}|{POST}){_LINK}$")
#: Characters of the longest cue with what links it (project choice).
_NEAR = 16
#: Another one in a list behind a hidden one: 负责人：张**，李 四.
_NEXT = compiled_later(rf"(\*{_SPACE}?[/／、，,和与及]{_SPACE}?)({SURNAME}){_LETTERS}")
#: Alone in the last line but for a date.
_SIGNED = compiled_later(
    rf"(\n{_SPACE}*)([{''.join(sorted(TELLING))}]){_LETTERS}(?={_SPACE}*(?:\n[^\n]{{0,20}})?\s*$)"
)
#: Behind nothing that leads to it: twice the same mark, and a surname that is no colour, day, dynasty, city or country.
_TELLING_ALONE = "".join(sorted(TELLING - set("周黄马江苏宋魏秦梁徐沈韩谢")))
_ALONE = compiled_later(
    rf"((?<![{_HAN}])|(?<=[人主是叫找]))([{_TELLING_ALONE}])({_MARK}|。)([{_HAN}])\3([{_HAN}])(?!\3){_ENDS}"
)
_HINT = compiled_later(
    rf"[ \u3000\u00a0.．·・•‧∙⋅_＿~～\-－—–。、/／](?<=[{_HAN}].)(?:(?<={_SPACE}){_SPACE}{{0,2}}"
    rf"[{_HAN}]{{1,2}}(?:(?![{_HAN}])|(?={_TITLES}))"
    rf"|(?<![。、/／])[{_HAN}]{{1,2}}(?![{_HAN}])|[{_HAN}][.．·・•‧∙⋅_＿~～\-－—–。、/／][{_HAN}])"
)
#: With these end places, and no names.
_PLACE_END = frozenset("区县市镇乡村路街巷")
_GAPS = compiled_later(f"{_SPACE}|{_MARK_OF_ALL}")


def hide_spaced(text: str) -> str:
    """`text` with `王**` for names whose letters stand apart, behind who somebody is, in a list, signed or marked."""
    if not _HINT.search(text):
        return text
    text = _APART.sub(_hidden_led, text)
    for _ in range(text.count("*")):
        before, text = text, _NEXT.sub(_hidden_name, text)
        if before == text:
            break
    text = _ALONE.sub(_hidden_alone, text)
    return _SIGNED.sub(_hidden_name, text)


def _hidden_led(match: re.Match[str]) -> str:
    """Behind roles, words with blanks stand as well: 老师 周 五."""
    led = _LED.search(match.string[max(0, match.start() - _NEAR) : match.start()])
    if led is None:
        return match.group()
    is_strong = led[1].startswith(STRONG) or _TITLE.match(match.string, match.end()) is not None
    return _hidden("", match[1], match[2], is_strong=is_strong) or match.group()


def _hidden_name(match: re.Match[str]) -> str:
    return _hidden(match[1], match[2], match[3], is_strong=False) or match.group()


def _hidden(before: str, surname: str, letters: str, *, is_strong: bool) -> str | None:
    given = _GAPS.sub("", letters)
    # 王 建国, with the given name in one: behind other roles words stand so, too.
    if len(given) > 1 and letters.endswith(given) and not is_strong:
        return None
    is_other = is_word(surname + given) or given[-1] in _PLACE_END
    no_name = not NOT_GIVEN.isdisjoint(given) or (not is_strong and is_other)
    return None if no_name else f"{before}{surname}**"


def _hidden_alone(match: re.Match[str]) -> str:
    is_name = NOT_GIVEN.isdisjoint(match[4] + match[5]) and match[5] not in _PLACE_END
    return f"{match[2]}**" if is_name else match.group()
