"""Hides names of another make than a surname and a given name: Uyghur, Tibetan and Mongolian ones, written without dots.

Each is made of few parts (data/names.toml) that hardly stand anywhere else. Roads and restaurants are called so, too.
"""

import re
from functools import cache
from typing import NamedTuple

from schemas.masking.judge import known
from schemas.masking.surnames import NOT_GIVEN
from schemas.patterns import compiled_later

#: Other words that begin like one, and what it is the end of: 中央金融, 凶多吉少.
_WORD = compiled_later(
    "次仁[爱慈济和]|[多德]吉[祥少利庆]|格桑花|扎西德勒|丹增[加长设值多]|巴图鲁|艾力[夫克特]"
)
_WITHIN = frozenset(("中央", "凶多"))
#: Further parts of the longest name (project choice: nobody's has more), and characters of one before (by definition).
_MOST, _BEFORE = 4, 2
#: Characters of the longest word that follows a name or ends a thing's (by definition: those of data/names.toml), and how
#: far a thing's name goes on (project choice: two characters, and such a word).
_LONGEST_WORD, _NEAR = 4, 5
_HAN = compiled_later("[\u4e00-\u9fff]+")
#: What else is called so, beside the things that are called like people: a valley, a district, a restaurant.
_PLACE = compiled_later("[沟滩州盟旗海餐饭烤]|藏餐|大街|草原|机场|牧场|抓饭|大盘|特产|[枣果]业|品牌")


class Patterns(NamedTuple):
    """Where one may begin, the whole of it, and a part that stands before."""

    may_begin: re.Pattern[str]
    name: re.Pattern[str]
    before: re.Pattern[str]


@cache
def patterns_of_others() -> Patterns:
    """Learned of the shipped parts when they are first asked for."""
    words = known()
    alone, others = "|".join(words.parts), "|".join((*words.parts, *words.parts_before, *words.parts_behind))
    first, second = ("".join(sorted({part[at] for part in words.parts})) for at in (0, 1))
    return Patterns(
        # One look for two characters is many times cheaper than one for each part.
        may_begin=re.compile(f"[{first}](?=[{second}])"),
        name=re.compile(f"(?:{alone})(?:{others}){{0,{_MOST}}}"),
        before=re.compile("|".join(words.parts_before)),
    )


def hide_other_names(text: str) -> str:
    """`text` with `古**` for such names, unless a thing is called so."""
    patterns, parts, done = patterns_of_others(), list[str](), 0
    for found in patterns.may_begin.finditer(text):
        start = found.start()
        name = patterns.name.match(text, start) if start >= done else None
        if name is None or _is_word(text, start, name.end()):
            continue
        if start - _BEFORE >= done and patterns.before.fullmatch(text, start - _BEFORE, start):
            start -= _BEFORE
        parts += [text[done:start], text[start], "**"]
        done = name.end()
    return "".join([*parts, text[done:]]) if parts else text


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether it is part of another word, or a thing's name."""
    if text[max(0, start - 1) : start + 1] in _WITHIN or _WORD.match(text, start) or _PLACE.match(text, end):
        return True
    words, behind, sizes = known(), text[end : end + _NEAR], range(1, _LONGEST_WORD + 1)
    if any(behind[:size] in words.things for size in sizes):
        return True
    if behind[:1] in NOT_GIVEN or any(behind[:size] in words.after for size in sizes):
        return False
    # What it is called may go on: 阿依莲专卖店, 卓玛泉水厂.
    name = _HAN.match(behind)
    rest = "" if name is None else name.group()
    return any(rest[at : at + size] in words.things for at in range(1, len(rest)) for size in sizes)
