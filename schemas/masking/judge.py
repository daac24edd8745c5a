"""Says of what no rule of words gave away whether it is somebody's name: signs around it, and weights learned for them.

What may be one begins with a surname and has one or two characters more. A cheap look leaves few of them, and the weights of
their signs are added up. Learned from sentences of our own alone: `python -m deploy.local.learn_names`. See
docs/decisions/0055-a-judge-of-names.md.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from itertools import repeat
from typing import NamedTuple

import msgspec

from schemas.masking.cues import STRONG, WEAK, WEAKER
from schemas.masking.names import shown_name
from schemas.masking.surnames import NOT_GIVEN, WHOLE_WORDS, WORDS
from schemas.patterns import compiled_later

#: Characters of the longest word that leads to a name, and that follows one or ends a thing's (by
#: definition: those of data/names.toml).
_LONGEST_BEFORE, _LONGEST_AFTER = 5, 4
#: How sure the judge must be, in units of the weights. Project choice: of a thousand real messages it then masks words of
#: about five that are nobody's name (docs/measurements.md).
_LIMIT = 120
#: The same of what is a name elsewhere in the text (project choice: everyday words that begin alike weigh less).
_LIMIT_AGAIN = 0
#: Characters of a name that hardly is anything else (by definition: a surname and two).
_WHOLE = 3
#: What looks less like a name than this is none, wherever it stands (project choice: one of fifty that are found does).
_UNLIKELY = -100
#: Candidates whose look is remembered: the same words come again in every message (project choice: some two megabytes).
_REMEMBERED = 8192
#: What ends a word for a place inside, and of what: 楼道内, 院内, 家中.
_WITHIN, _INSIDE = frozenset("内中"), frozenset("区道院楼屋室家房厂店车村校园门铺库场")
#: Surnames that are most often "at" and "to"; and behind which they are none.
_AT_OR_TO, _NAMING = frozenset("于向"), frozenset("叫是名找请给跟和与让被")
#: What somebody only does to a person, behind an everyday word that somebody may be called.
_TO_A_PERSON = compiled_later(
    "(?:欠|打|骂|骗|偷|威胁|殴打|辱骂|体罚|虐待|误诊|收|拿|把|租|借|跟|还)[走了]{0,2}[我他她]|欠[钱薪]|借[走了]?钱"
)
#: When somebody did it.
_DAYS = frozenset(("昨天", "今天", "前天", "昨晚", "今早", "当时"))
#: What such a word weighs (by definition: over the limit).
_CERTAIN = 1000
#: Numbers before these count something: 3万, 20米, 五十万.
_COUNTED, _NUMERALS = frozenset("万余时路米元年"), frozenset("一二三四五六七八九十百千几数")
#: Of how many characters a given name is, and how many of them are usual there, by whether the one and the other is.
_USUAL, _USUAL_ALONE = (("20", "21"), ("21", "22")), (("10", "11"), ("11", "12"))
#: What may be a name, by place: where its surname begins and ends, and its own end.
Candidate = tuple[int, int, int]
#: What the characters of one say: signs, by kind; how many its given name has, with how many of them are usual; how common
#: the surname is.
Look = tuple[tuple[str, ...], str, str]


class Words(NamedTuple):
    """The words of data/names.toml, as they are looked up."""

    surnames: frozenset[str]
    compound: frozenset[str]
    #: Of each surname how common it is, 0 to 2; others are 3.
    common: dict[str, str]
    #: Everyday words that begin like a name, and that end like a surname.
    begins: frozenset[str]
    ends: frozenset[str]
    #: Of these, what somebody may be called.
    also_named: frozenset[str]
    #: The same that weights are learned without.
    also_begins: frozenset[str]
    also_ends: frozenset[str]
    #: Given names of two characters; what they begin and end with, and what is one alone.
    given: list[str]
    listed: frozenset[str]
    first: frozenset[str]
    last: frozenset[str]
    alone: frozenset[str]
    #: Words that no given name is.
    no_given: frozenset[str]
    #: Kinds of words before and behind names, and what things' names end with; the last or first characters of all of them.
    before: dict[str, str]
    after: dict[str, str]
    things: dict[str, str]
    before_ends: frozenset[str]
    after_begins: frozenset[str]
    #: Parts of Uyghur, Tibetan and Mongolian names: a name alone, and before or behind one of those.
    parts: list[str]
    parts_before: list[str]
    parts_behind: list[str]
    #: Where a name may begin: a surname, and a character that given names have.
    start: re.Pattern[str]


class NameWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In hundredths: what every candidate starts with, and what each sign weighs, by kind: of its look, and of its place."""

    start: int
    looks: list[dict[str, int]]
    places: list[dict[str, int]]


def hide_judged(text: str) -> str:
    """`text` with `王**` for what the weights take for a name; of those that overlap for the one that weighs most."""
    parts, done = list[str](), 0
    for start, end in _judged(text):
        parts += [text[done:start], shown_name(text[start:end])]
        done = end
    return "".join([*parts, text[done:]]) if parts else text


def _judged(text: str) -> list[tuple[int, int]]:
    """Where names are: what weighs enough; what weighs less where the same whole name does elsewhere, unless a thing's."""
    weighed = list(_all_weighed(text))
    if all(weight <= _LIMIT for weight, *_ in weighed):
        return []
    weighed = [each for each in weighed if not (_is_in_word(text, each[1]) or _is_where(text, *each[1:]))]
    whole = {
        text[start:end] for weight, start, _, end in weighed if weight > _LIMIT and end - start == _WHOLE
    }
    best, found = 0, list[tuple[int, int]]()
    for weight, start, _, end in weighed:
        if weight <= _LIMIT and not (text[start:end] in whole and _followed(known(), text, end)[1] == "0"):
            continue
        if not found or start >= found[-1][1]:
            best = weight
            found.append((start, end))
        elif weight > best:
            best, found[-1] = weight, (start, end)
    return found


def _all_weighed(text: str) -> Iterator[tuple[int, int, int, int]]:
    """What may be a name where the same is one elsewhere, from left to right: what it weighs, and its places."""
    weights, also_named = _weights(), known().also_named
    for start, given, end in candidates(text):
        if text[start:end] in also_named:
            yield _CERTAIN, start, given, end
            continue
        weight, usual, common = _weighed(text[start:given], text[given:end])
        if weight < _UNLIKELY:
            continue
        weight += sum(map(dict.get, weights.places, signs_around(text, start, end, usual, common), repeat(0)))
        if weight > _LIMIT_AGAIN:
            yield weight, start, given, end


@lru_cache(maxsize=_REMEMBERED)
def _weighed(surname: str, given: str) -> tuple[int, str, str]:
    """What these characters weigh wherever they stand; and the rest of `look_of`."""
    weights = _weights()
    look, usual, common = look_of(surname, given)
    return weights.start + sum(map(dict.get, weights.looks, look, repeat(0))), usual, common


def candidates(text: str) -> Iterator[Candidate]:
    """What may be a name, from left to right: an everyday word is none."""
    words = known()
    begins, ends, surnames, compound = words.begins, words.ends, words.surnames, words.compound
    no_given = words.no_given
    for match in words.start.finditer(text):
        start = match.start()
        two = text[start : start + 2]
        if two in compound:
            given = start + 2
        elif two[0] not in surnames or _is_behind(text, start, two[0], ends):
            continue
        elif two in begins:
            if two in words.also_named and _is_called(words, text, start):
                yield start, start + 1, start + 2
            continue
        else:
            given = start + 1
        for end in (given + 1, given + 2):
            last = text[end - 1 : end]
            if last in NOT_GIVEN or not "\u4e00" <= last <= "\u9fff" or text[given:end] in no_given:
                break
            yield start, given, end


def _is_called(words: Words, text: str, start: int) -> bool:
    """Whether this everyday word is what somebody is called: 高兴欠我两万 and 我借给高兴一万."""
    if text.startswith("借给", start - 2):
        return True
    return _TO_A_PERSON.match(text, start + 2) is not None and (
        not _is_han(text[start - 1 : start])
        or _led(words.before, text, start) != "0"
        or text[start - 2 : start] in _DAYS
    )


def _is_behind(text: str, start: int, surname: str, ends: frozenset[str]) -> bool:
    """Whether it ends a word with what stands before it, or is counted: 提高, 20米."""
    before = text[start - 1 : start]
    return before + surname in ends or (surname in _COUNTED and before.isdecimal())


def _is_in_word(text: str, start: int) -> bool:
    """Whether it is known to be no name whatever it weighs: 沈阳建设, 五十万美元, 对党忠诚."""
    words, before, surname = known(), text[start - 1 : start], text[start]
    if surname in _COUNTED and before in _NUMERALS:
        return True
    # 楼道内江志强打人 is of no city.
    is_inside = before in _WITHIN and text[start - 2 : start - 1] in _INSIDE
    if before + surname in words.also_ends and not is_inside:
        return True
    return text[start : start + 2] in words.also_begins and before not in _NAMING


def _is_where(text: str, start: int, given: int, end: int) -> bool:
    """Whether 于 is "at" and 向 "to" behind who is spoken of: 老人于家中摔倒, 村民向宁波行驶, but not 业主于海涛打人.

    Behind a name there somebody does something, or what they are called follows; and most given names are listed.
    """
    before, surname, name = text[start - 1 : start], text[start:given], text[given:end]
    if surname not in _AT_OR_TO or not _is_han(before) or before in _NAMING:
        return False
    words = known()
    is_listed = name in words.listed
    if _followed(words, text, end)[1] != "0":
        return True
    if not _is_han(text[end : end + 1]):
        is_usual = name[0] in words.first and name[1:] in words.last
        return not (is_listed or is_usual) and surname == "于"
    long = next((kind for size in (4, 3, 2) if (kind := words.after.get(text[end : end + size]))), "0")
    if len(name) == 1:
        return name not in words.alone or long == "0"
    return not is_listed and long != "2"


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def look_of(surname: str, given: str) -> Look:
    """What is seen of these characters, wherever they stand."""
    words = known()
    first, common = given[0], words.common.get(surname, "3")
    if len(given) > 1:
        last = given[1]
        usual = _USUAL[first in words.first][last in words.last]
        return ("2" + surname, "2" + first, "2" + last, surname + first, common + usual, given), usual, common
    usual = _USUAL_ALONE[first in words.alone][first in words.last]
    return ("1" + surname, "1" + first, "", surname + first, common + usual, ""), usual, common


def signs_around(text: str, start: int, end: int, usual: str, common: str) -> tuple[str, ...]:
    """What stands before and behind a candidate."""
    words = known()
    before, after = text[start - 1 : start] or "^", text[end : end + 1] or "$"
    kinds = _kind(before) + _kind(after)
    led = _led(words.before, text, start) if before in words.before_ends else "0"
    followed, thing = _followed(words, text, end) if after in words.after_begins else ("0", "0")
    return (
        usual + after, usual + before, after, before, usual + kinds, common + usual + kinds,
        text[start - 2 : start], text[end : end + 2], led + usual, followed + usual, led + followed + usual[0],
        thing + usual[0], "w" if text[end - 1 : end + 1] in words.begins else "",
    )  # fmt: skip


def _kind(character: str) -> str:
    """A mark is its own kind."""
    if "\u4e00" <= character <= "\u9fff":
        return "H"
    if character.isalnum():
        return "0" if character.isdecimal() else "x"
    return character


def _led(words: dict[str, str], text: str, start: int) -> str:
    """The kind of the longest word that leads to a name and ends there; 0 where none does."""
    for size in range(min(_LONGEST_BEFORE, start), 0, -1):
        if kind := words.get(text[start - size : start]):
            return kind
    return "0"


def _followed(words: Words, text: str, end: int) -> tuple[str, str]:
    """The kinds of the longest words that follow a name or end a thing's, and begin there; 0 where none does."""
    followed = thing = ""
    for size in range(_LONGEST_AFTER, 0, -1):
        word = text[end : end + size]
        followed, thing = followed or words.after.get(word, ""), thing or words.things.get(word, "")
    return followed or "0", thing or "0"


@cache
def known() -> Words:
    """The words that are shipped."""
    listed = {name: words.split() for name, words in tomllib.loads(_read("names.toml")).items()}
    surnames, compound, given = frozenset("".join(listed["surnames"])), listed["compound"], listed["given"]
    before = _kinds(STRONG, WEAK, WEAKER, listed["roles"], listed["leads"], listed["accuses"])
    after, things = (
        _kinds(listed["does"], listed["belongs"], listed["harms"]),
        _kinds(listed["things"], listed["called_so"]),
    )
    first, last = frozenset(name[0] for name in given), frozenset(name[1] for name in given)
    alone = frozenset("".join(listed["given_alone"]))
    begins = "".join(sorted({*surnames, *(two[0] for two in compound)}))
    goes_on = "".join(sorted({*first, *last, *alone, *(two[1] for two in compound)} - NOT_GIVEN))
    every_day = frozenset(one + other for one, other in _pairs(listed["begins"]))
    return Words(
        surnames=surnames,
        compound=frozenset(compound),
        common={
            surname: str(kind) for kind, all_of_it in enumerate(listed["common"]) for surname in all_of_it
        },
        begins=WORDS | WHOLE_WORDS | every_day,
        also_named=frozenset(listed["also_named"]) & (WORDS | WHOLE_WORDS | every_day),
        ends=frozenset(other + one for one, other in _pairs(listed["ends"])),
        also_begins=frozenset(one + other for one, other in _pairs(listed["also_begins"])),
        also_ends=frozenset(other + one for one, other in _pairs(listed["also_ends"])),
        given=given,
        listed=frozenset(given),
        first=first,
        last=last,
        alone=alone,
        no_given=frozenset(listed["no_given"]) - frozenset(given),
        before=before,
        after=after,
        things=things,
        before_ends=frozenset(word[-1] for word in before),
        after_begins=frozenset(word[0] for word in (*after, *things)),
        parts=listed["parts"],
        parts_before=listed["parts_before"],
        parts_behind=listed["parts_behind"],
        start=re.compile(f"[{begins}](?=[{goes_on}])"),
    )


def _pairs(listed: list[str]) -> Iterator[tuple[str, str]]:
    """Of each `a:bcd` what is before the colon, with each character behind it."""
    for group in listed:
        one, _, others = group.partition(":")
        yield from ((one, other) for other in others)


def _kinds(*lists: Iterable[str]) -> dict[str, str]:
    """Of each word the first list that has it, from 1 on."""
    return {word: str(kind) for kind, words in reversed(list(enumerate(lists, 1))) for word in words}


@cache
def _weights() -> NameWeights:
    return msgspec.json.decode(_read("name_weights.json"), type=NameWeights)


def _read(name: str) -> str:
    return resources.files("schemas").joinpath("data", name).read_text(encoding="utf-8")
