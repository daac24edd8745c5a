"""Which entries ask nearly the same, and whether two of them give different figures for it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set

from schemas.values import EntryContent

#: Two questions are one from here on. Project choice: "居住证怎么办" and "怎么办理居住证" share .4 of their pairs,
#: "居住证怎么办理" and "身份证怎么办理" a third; a person looks at whatever is found.
SAME_QUESTION = 0.4
#: What most questions hold, and no matter is told by.
_ASKING = re.compile("请问|怎么样?|怎样|如何|什么|多少|多久|多长|哪里|哪儿|是否|需要|可以|应该|[吗呢吧的]")

_SPOKEN = "零一二三四五六七八九"
_UNITS = "个?工作日|小时|分钟|平方米|[年月日天号周元万岁折倍%％]"
_FIGURE = re.compile(
    rf"(\d+(?:[.,]\d+)*|[{_SPOKEN}两十百]+)\s*({_UNITS}|working days?|days?|hours?|minutes?|yuan)",
    re.IGNORECASE,
)
#: What is written in two ways and means one.
_SAME_UNIT: Mapping[str, str] = {
    "天": "日", "号": "日", "％": "%", "day": "日", "days": "日", "工作日": "个工作日", "working day": "个工作日",
    "working days": "个工作日", "hour": "小时", "hours": "小时", "minute": "分钟", "minutes": "分钟", "yuan": "元",
}  # fmt: skip


def pairs(*texts: str) -> frozenset[str]:
    """Every two neighbouring letters or digits of these texts, as they are compared."""
    found: set[str] = set()
    for text in texts:
        told = _ASKING.sub("", text) or text
        plain = "".join(one for one in unicodedata.normalize("NFKC", told).lower() if one.isalnum())
        found.update(plain[place : place + 2] for place in range(max(1, len(plain) - 1)))
    return frozenset(found - {""})


def nearness(one: Set[str], other: Set[str]) -> float:
    """How much of their pairs two texts share, 0–1."""
    return len(one & other) / len(one | other) if one and other else 0.0


def ask_the_same(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether some way to ask the one is nearly a way to ask the other."""
    others = [pairs(each) for each in other]
    return any(nearness(pairs(each), known) >= SAME_QUESTION for each in one for known in others)


def figures(text: str) -> Mapping[str, Set[str]]:
    """The numbers of a text by their unit: days, dates, amounts, shares."""
    found: dict[str, set[str]] = {}
    for number, unit in _FIGURE.findall(unicodedata.normalize("NFKC", text)):
        unit = unit.lower()
        found.setdefault(_SAME_UNIT.get(unit, unit), set()).add(_plain(number))
    return found


def differing(one: EntryContent, other: EntryContent) -> list[str]:
    """In which units two answers to one question give different numbers; none: they do not contradict each other so.

    Entries for different districts may differ, and so may those whose days do not meet.
    """
    if not _meet(one, other) or not ask_the_same(one.questions, other.questions):
        return []
    mine, theirs = figures(one.answer), figures(other.answer)
    return sorted(unit for unit in mine.keys() & theirs.keys() if mine[unit] != theirs[unit])


def _meet(one: EntryContent, other: EntryContent) -> bool:
    somewhere = not one.regions or not other.regions or set(one.regions) & set(other.regions)
    sometime = one.valid_from <= other.valid_until and other.valid_from <= one.valid_until
    return bool(somewhere) and sometime


def _plain(number: str) -> str:
    """The number in digits: 三, 3 and 3.0 are one."""
    if number[0].isdigit():
        whole, _, part = number.replace(",", "").partition(".")
        part = part.rstrip("0")
        return f"{int(whole)}.{part}" if part else str(int(whole))
    return str(_spoken(number.replace("两", "二")))


def _spoken(number: str) -> int:
    """三, 十五, 二十, 一百二十 as a number."""
    total, digit = 0, 0
    for one in number:
        if one in "十百":
            total += (digit or 1) * (10 if one == "十" else 100)
            digit = 0
        else:
            digit = _SPOKEN.index(one)
    return total + digit
