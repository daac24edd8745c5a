"""Hides people's names in English sentences: behind who somebody is, and wherever they are made as pinyin makes them.

Of what is written like a name, as roads and firms are, these two tell what is somebody's: "my landlord Peter Brown", and a
surname with a given name of Chinese syllables. The words are those of data/english_names.toml.
"""

import re
import tomllib
from enum import Enum
from functools import cache
from importlib import resources
from unicodedata import normalize

from schemas.masking.cues import STRONG, WEAK, WEAKER
from schemas.patterns import compiled_later

#: A capital and the letters behind it, with the accents of other languages and the tones of pinyin; not the 's of whose.
_BIG, _LETTER = "A-ZÀ-ÞĀ-ɏḀ-ỿ", "A-Za-zÀ-ɏḀ-ỿ’'-"
_WORD = rf"[{_BIG}](?:(?!['’]s(?![a-z]))[{_LETTER}]){{1,20}}"
_CAPITALISED = compiled_later(rf"[{_BIG}](?<![{_LETTER}].)(?=[{_LETTER}])")
_NAME = compiled_later(rf"{_WORD}(?: {_WORD}){{0,2}}")
#: The words before, as far as they may lead to a name, and the word behind.
_BEFORE = compiled_later(r"(?:([A-Za-z]+) )?([A-Za-z]+)([.,!:：]?[ \n]{0,2})$")
_BEHIND = compiled_later(r"[ -]([A-Za-z]+)")
_LINE_ENDS = compiled_later(r"[ .]*(?:\n|$)")
#: Behind one word written like a name: a heading goes on, or Chinese does: My wife Suicide Attempt, 司机Uber乱收费.
_HEADING = compiled_later(f"[ -][{_BIG}]")
_CHINESE = compiled_later(" ?[\u4e00-\u9fff]")
#: Hardly a name ends so: I'll, Won't, Drowning, Collapsed; but Mohamed, Alfred, Khaled, Waleed.
_NO_NAME_END = compiled_later("'(?:ll|ve|re|[dmst])$|....ing$|....(?<!ham)(?<!hamm)(?<!fr)(?<!hal)(?<!e)ed$")
#: Characters of two words before (project choice: the longest is a granddaughter).
_NEAR = 40
#: What a sentence begins behind.
_BEGINS = frozenset(("", ".", "!", "?", "。", "，", ",", ":", "：", "\n"))
#: Two words behind which somebody says a name.
_CALLED = frozenset((("name", "is"), ("name", "was"), ("names", "are"), ("we", "are"), ("signed", "by")))
#: Who somebody is, in Chinese.
_IN_CHINESE = compiled_later(f"(?:{'|'.join((*STRONG, *WEAK, *WEAKER))}|外教|师傅)(?:[叫是:：（(]| )?$")
#: Of pinyin; without what ends English words alone: me, ne, se.
_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia"
    "|ie|iu|ua|uo|ui|ue|(?<![mnsrct])e|(?<=[zcs]h)e|a|i|o|u|v)"
)
_TWO_SYLLABLES = f"{_SYLLABLE}['’-]?{_SYLLABLE}"
_ONE, _TWO = compiled_later(_SYLLABLE), compiled_later(_TWO_SYLLABLES)
_LOWER_HINT = compiled_later(r"[a-z]\.? [a-z]")
#: Of the titles, those that are hardly anything else where nobody writes capitals; and with capitals.
_SMALL_TITLES = ("mr", "mrs", "ms", "miss")
_SURE_TITLES = frozenset((*_SMALL_TITLES, "mx", "dr", "prof"))


class _Lead(Enum):
    """What leads to a name: where something is, nothing, a sentence's beginning, what leads to places as well; to one of
    pinyin's make, of two words, or of any make; or somebody takes leave."""

    PLACE, NONE, BEGIN, WEAK, PINYIN, TWO, ANY, PARTING = range(8)


_SURE = (_Lead.PINYIN, _Lead.TWO, _Lead.ANY, _Lead.PARTING)


def has_capitalised(text: str) -> bool:
    """Whether a word is written like a name; most texts have none."""
    return _CAPITALISED.search(text) is not None


def hide_introduced(text: str) -> str:
    """`text` with `Z**` for the names that English sentences introduce, and for those of pinyin's make."""
    parts, done = list[str](), 0
    for found in _CAPITALISED.finditer(text):
        start = found.start()
        if start < done:
            continue
        if end := _end_of_name(text, start, _listed(text, done, start) or _led(text, start)):
            parts += [text[done:start], text[start], "**"]
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def hide_uncapitalised(text: str) -> str:
    """`text` with `z**` for such names of those who write no capitals."""
    return _lower().sub(_hide_lower, text) if _LOWER_HINT.search(text) else text


def _listed(text: str, done: int, start: int) -> _Lead | None:
    """What a hidden name leads to that ends before: another one, but a firm, or what happened, as well."""
    if text.endswith("** and ", 0, start) or (done and text[done:start] == " and "):
        return _Lead.TWO
    return _Lead.PINYIN if done and text[done:start] == ", " else None


def _led(text: str, start: int) -> _Lead:
    """What the words before lead to."""
    before = _BEFORE.search(text, max(0, start - _NEAR), start)
    if before is None:
        is_begin = text[max(0, start - 2) : start].strip()[-1:] in _BEGINS
        is_led = _IN_CHINESE.search(text, max(0, start - _NEAR), start) is not None
        return _Lead.ANY if is_led else _Lead.BEGIN if is_begin else _Lead.NONE
    words, first, last, gap = _words(), (before[1] or "").lower(), before[2].lower(), before[3].strip()
    if last in words["parting"] and gap in ("", ",", "!"):
        return _Lead.PARTING
    if "\n" in before[3]:
        return _Lead.BEGIN
    if not gap and (first, last) in _CALLED:
        return _Lead.TWO if last == "are" else _Lead.ANY
    if last in _SURE_TITLES and gap in ("", "."):
        return _Lead.ANY
    if last in words["roles"] | words["titles"] and gap in ("", ",", ":", "：") and first != "dear":
        return _led_by_role(before, gap)
    if gap:
        return _Lead.BEGIN if gap in _BEGINS else _Lead.NONE
    return _Lead.WEAK if last in words["leads"] else _Lead.PLACE if last in words["where"] else _Lead.NONE


def _led_by_role(before: re.Match[str], gap: str) -> _Lead:
    """In headings words that are no names follow as well, and firms are somebody's contractor: "Husband Holding Knife"."""
    words, role = _words(), before[2]
    is_title = role.lower() in words["titles"] and (before[1] or "").islower() == bool(before[1])
    if not role.islower() and not (is_title and not gap):
        return _Lead.PINYIN
    return _Lead.TWO if gap or role.lower() in words["firms_too"] else _Lead.ANY


def _end_of_name(text: str, start: int, lead: _Lead) -> int:
    """Where the name ends that begins there; 0 where none does."""
    name = _NAME.match(text, start)
    if name is None or lead is _Lead.PLACE:
        return 0
    written = name.group().split(" ")
    plain = [_plain(word) for word in written]
    count = _of_pinyin(plain, lead)
    any_count = 0 if count or lead not in _SURE or written[0].isupper() else _of_any(plain)
    if not count and not any_count:
        return 0
    end = start + len(" ".join(written[: count or any_count]))
    if any_count and not _is_whole(text, end, plain[:any_count], lead):
        return 0
    behind = _BEHIND.match(text, end)
    return 0 if behind is not None and behind[1].lower() in _words()["things"] else end


def _is_whole(text: str, end: int, written: list[str], lead: _Lead) -> bool:
    """Whether a name of no make that ends there, or a surname, is all that is written like one."""
    if lead is _Lead.PARTING:
        return _LINE_ENDS.match(text, end) is not None
    if _HEADING.match(text, end) is not None:
        return False
    if len(written) > 1:
        return lead is not _Lead.PINYIN
    is_surname = written[0] in _words()["surnames"] - _words()["words_too"]
    return is_surname or (lead is _Lead.ANY and _CHINESE.match(text, end) is None)


def _plain(word: str) -> str:
    """Without tones and accents, small."""
    word = word.replace("’", "'")
    return (word if word.isascii() else normalize("NFD", word).encode("ascii", "ignore").decode()).lower()


def _of_pinyin(written: list[str], lead: _Lead) -> int:
    """How many of them are a Chinese name: the surname first or last."""
    words = _words()
    if len(written) < 2 or written[1] in words["no_name"] or written[1] in words["things"]:
        return 0
    first, second = written[:2]
    if first in words["surnames"] and (lead is not _Lead.NONE or first not in words["words_too"]):
        if _is_two(second):
            return 2
        ones = next((at for at, word in enumerate(written[1:]) if not _is_one(word)), len(written) - 1)
        is_place = lead not in _SURE and written[ones] in words["places_too"]
        if ones and not is_place and lead is not _Lead.NONE and (ones == 1 or lead is not _Lead.BEGIN):
            return 1 + ones
    is_word = lead not in _SURE and (second in words["places_too"] or second in words["words_too"])
    return 2 if second in words["surnames"] and not is_word and _is_two(first) else 0


def _is_one(word: str) -> bool:
    """Whether it is one of two syllables that are written apart."""
    return _ONE.fullmatch(word) is not None and word not in _words()["no_name"]


def _is_two(word: str) -> bool:
    """Whether it is two syllables, and cannot be one."""
    may_be = _TWO.fullmatch(word) is not None and _ONE.fullmatch(word) is None
    return may_be and word not in _words()["no_name"]


def _of_any(written: list[str]) -> int:
    """How many of them are a name of any make: up to a word of sentences, unless a thing is among them."""
    words = _words()
    no_name = words["no_name"] | words["titles"] | words["roles"]
    ends = (at for at, word in enumerate(written) if word in no_name or _NO_NAME_END.search(word))
    count = next(ends, len(written))
    return count if words["things"].isdisjoint(written[:count]) else 0


def _hide_lower(match: re.Match[str]) -> str:
    """A surname alone only behind a title."""
    lead, surname, given = match[1], match[2], match[3]
    is_name = lead.rstrip(".") in _SMALL_TITLES if given is None else given.strip() not in _words()["things"]
    return f"{lead} {surname[0]}**" if is_name else match.group()


@cache
def _lower() -> re.Pattern[str]:
    words = _words()
    leads, surnames = sorted(words["roles"]), sorted(words["surnames"] - words["words_too"])
    titles = "|".join(_SMALL_TITLES)
    return re.compile(
        rf"\b((?:{titles})\.?|{'|'.join(leads)}) ({'|'.join(surnames)})( {_TWO_SYLLABLES})?(?![{_LETTER}])"
    )


@cache
def _words() -> dict[str, frozenset[str]]:
    listed = resources.files("schemas").joinpath("data", "english_names.toml").read_text(encoding="utf-8")
    return {kind: frozenset(words.split()) for kind, words in tomllib.loads(listed).items()}
