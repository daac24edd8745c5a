"""Adds up what the words of one text say for categories, departments, kind and urgency."""

from collections import defaultdict
from typing import NamedTuple

from routing.core.danger.pressing import as_it_stands, is_now
from routing.core.rules import RoutingRules
from routing.core.text.company import BEGINNING
from routing.core.text.lexicon import Aspect, Sense
from routing.core.text.negation import AFTER, BEFORE, Assertion, said
from schemas.words import Urgency

#: Spots of a text at which the words around a word are read; behind them a word of danger means what it says, so that
#: nothing is missed and no text takes long. Project choice: of 4,500 real messages none has more than 22.
_MOST_LOOKS = 32
#: From the least to the most pressing.
LEVELS = (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)
_LEVEL: dict[str, int] = {level: at for at, level in enumerate(LEVELS)}
#: What says how soon somebody must move.
_PRESSING = (Aspect.URGENCY, Aspect.NEAR)


class Evidence:
    """Sums of one text, each word once in the title and once in the body."""

    __slots__ = (
        "body",
        "departments",
        "kinds",
        "looks",
        "outside",
        "regions",
        "scores",
        "taken_back",
        "title",
        "title_ends",
        "transfer",
        "urgency",
        "whole",
    )

    def __init__(self, title: str, text: str) -> None:
        #: All that was read, a line end behind each of the two.
        self.whole = f"{title}\n{text}\n"
        self.title_ends = len(title)
        #: Words that count.
        self.title: set[str] = set()
        self.body: set[str] = set()
        self.scores: defaultdict[str, float] = defaultdict(float)
        self.departments: defaultdict[str, float] = defaultdict(float)
        self.kinds: defaultdict[str, float] = defaultdict(float)
        self.regions: defaultdict[str, float] = defaultdict(float)
        self.outside: set[str] = set()
        self.transfer: set[str] = set()
        #: Index into `LEVELS`.
        self.urgency = 0
        #: A listed word of danger stands there, and the words around it say that it is not, or not now.
        self.taken_back = False
        #: Spots at which the words around may still be read.
        self.looks = _MOST_LOOKS


def read(rules: RoutingRules, title: str, text: str) -> Evidence:
    """Everything that the listed words in a message say."""
    found = Evidence(title, text)
    whole, title_ends, louder = found.whole, found.title_ends, rules.settings.title
    meanings, scores, departments = rules.lexicon.meanings, found.scores, found.departments
    begins: dict[int, float] = {}
    for which, at, end in rules.lexicon.matches(whole):
        word, topics, specialists, cues = meanings[which]
        words, times = (found.title, louder) if at < title_ends else (found.body, 1.0)
        is_new = word not in words
        if not (is_new or cues):
            continue
        stands = Assertion.PLAINLY
        if whole[at - 1] in BEFORE or whole[end] in AFTER:
            stands = said(whole, at, end)
            if stands is Assertion.DENIED:
                _take_back(found, rules, cues, _Spot(whole, at, end, stands))
                continue
        if is_new:
            words.add(word)
            if at < title_ends + BEGINNING:
                begins.setdefault(which, times)
            for code, weight in topics:
                scores[code] += weight * times
            for code, weight in specialists:
                departments[code] += weight * times
        if cues:
            _note(found, rules, cues, times if is_new else 0.0, _Spot(whole, at, end, stands))
    rules.company.weigh(scores, begins)
    if found.urgency < _LEVEL[Urgency.EMERGENCY] and rules.perils.tells(whole):
        found.urgency = _LEVEL[Urgency.EMERGENCY]
    return found


class _Spot(NamedTuple):
    """Where a word stands, and how."""

    text: str
    at: int
    end: int
    stands: Assertion


def _note(found: Evidence, rules: RoutingRules, senses: tuple[Sense, ...], times: float, spot: _Spot) -> None:
    for aspect, code, weight in senses:
        if aspect is Aspect.REGION:
            found.regions[code] += 1.0
        elif spot.stands is Assertion.ABSENT:
            continue
        elif aspect is Aspect.KIND:
            found.kinds[code] += weight * times
        else:
            _cue(found, rules, aspect, code, spot)
    if spot.stands is Assertion.ABSENT:
        _take_back(found, rules, senses, spot)


def _take_back(found: Evidence, rules: RoutingRules, senses: tuple[Sense, ...], spot: _Spot) -> None:
    """Of a word that is denied only this is left: that it would have been danger."""
    if found.taken_back or not any(aspect in _PRESSING for aspect, _, _ in senses) or not _may_look(found):
        return
    if any(_level_of(rules, aspect, code, spot) == _LEVEL[Urgency.EMERGENCY] for aspect, code, _ in senses):
        found.taken_back = True


def _cue(found: Evidence, rules: RoutingRules, aspect: Aspect, code: str, spot: _Spot) -> None:
    if aspect in _PRESSING:
        if found.urgency < _LEVEL[Urgency.EMERGENCY]:
            _press(found, rules, aspect, code, spot)
    elif spot.stands is Assertion.PLAINLY:
        if aspect is Aspect.OUTSIDE:
            found.outside.add(code)
        elif code not in found.transfer and (not _may_look(found) or is_now(*spot[:3])):
            found.transfer.add(code)


def _level_of(rules: RoutingRules, aspect: Aspect, code: str, spot: _Spot) -> int:
    """How pressing a word is where it stands, whatever is said of it."""
    if aspect is Aspect.URGENCY:
        return _LEVEL[code]
    return _LEVEL[as_it_stands(*spot[:3], rules.near[code]) if aspect is Aspect.NEAR else Urgency.NORMAL]


def _may_look(found: Evidence) -> bool:
    found.looks -= 1
    return found.looks >= 0


def _press(found: Evidence, rules: RoutingRules, aspect: Aspect, code: str, spot: _Spot) -> None:
    if not _may_look(found):
        plainly = _LEVEL[code] if aspect is Aspect.URGENCY else 0
        found.urgency = max(found.urgency, plainly - (spot.stands is Assertion.FEARED))
        return
    level = _level_of(rules, aspect, code, spot)
    heard = _level(level, spot)
    found.urgency = max(found.urgency, heard)
    if level == _LEVEL[Urgency.EMERGENCY] and heard < level:
        found.taken_back = True


def _level(level: int, spot: _Spot) -> int:
    """One lower where it is only feared; an emergency also where it is not now."""
    if level < _LEVEL[Urgency.EMERGENCY]:
        return level - (spot.stands is Assertion.FEARED)
    return level - (not is_now(*spot[:3], is_feared=spot.stands is Assertion.FEARED))
