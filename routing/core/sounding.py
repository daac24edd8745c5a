"""What sounds like danger to somebody now though no rule finds it: an emergency, or what a person looks at first."""

import re
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from routing.core.evidence import LEVELS, Evidence
from routing.core.hearing import Texts, words_of
from routing.core.rules import RoutingRules
from routing.core.suspicion.signs import Window, readable
from schemas.words import Urgency

#: Characters of a message in which clauses begin that are weighed. Project choice: as perils are looked for.
_READ = 240
#: Characters that have one chance to sound like danger, and how much louder the loudest must be for each further one: of
#: long letters some clause always is. Project choices: of 0 to .6, .4 finds most where one of 670 real messages and one
#: everyday message of a hundred is called so (docs/measurements.md).
_ONE_CHANCE, _LOUDER = 48, 0.4
_NOTHING = Window(-inf, "")
_LATIN, _CHINESE = re.compile(r"[A-Za-z]+"), re.compile(r"[\u4e00-\u9fff]")


class Danger(NamedTuple):
    """How soon somebody must move."""

    urgency: Urgency
    #: Which weights said that it sounds like danger, and of which words; empty where a rule or nobody does.
    sounds: tuple[str, ...] = ()
    #: It may be none, and a person looks before a department gets it.
    waits: bool = False

    @property
    def is_alarm(self) -> bool:
        """Whether somebody is in danger, or may be."""
        return self.waits or self.urgency is Urgency.EMERGENCY


def loudest(rules: RoutingRules, texts: Texts, lines_beside: Sequence[int]) -> Sequence[Window]:
    """The clauses of each text that sound most like danger; so many of its last lines are only beside the message."""
    least = _limit(rules)
    if least == inf:
        return [_NOTHING] * len(texts.seen)
    read = [
        min(_READ, _units((seen.text.rsplit("\n", lines)[0] if lines else seen.text)[:_READ]))
        for seen, lines in zip(texts.seen, lines_beside, strict=True)
    ]
    windows = rules.dangers.loudest(texts.weighable, read, least)
    return [
        _as_said(plain, window, length) if window.text else window
        for plain, window, length in zip(texts.plain, windows, read, strict=True)
    ]


def _units(text: str) -> int:
    """Its length as it is laid out to be weighed: a picture is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _as_said(plain: str, window: Window, length: int) -> Window:
    """In its own words, and as loud as it is among so many characters."""
    chances = max(1.0, length / _ONE_CHANCE)
    return Window(window.score - _LOUDER * (chances - 1.0), words_of(plain, window))


def danger_in(rules: RoutingRules, found: Evidence, window: Window) -> Danger:
    """The rules' word, unless the weights find more in it than they.

    Where a listed word is taken back, and in English, of which the weights know little, a person only looks first.
    """
    urgency, settings = LEVELS[found.urgency], rules.settings
    if urgency is Urgency.EMERGENCY or window.score < _limit(rules):
        return Danger(urgency)
    sounds = (rules.dangers.version, readable(window.text))
    is_loud, is_english = window.score >= settings.danger_emergency_from, _is_english(window.text)
    if is_loud and not (is_english or found.taken_back):
        return Danger(Urgency.EMERGENCY, sounds)
    if window.score >= settings.danger_look_from and (is_loud or not is_english):
        return Danger(Urgency.URGENT, sounds, waits=True)
    return Danger(urgency)


def _is_english(clauses: str) -> bool:
    """Whether they have more words in Latin letters than Chinese characters: a name or a plate makes none English."""
    return len(_LATIN.findall(clauses)) > len(_CHINESE.findall(clauses))


def _limit(rules: RoutingRules) -> float:
    """From which weight on anything is done."""
    return min(rules.settings.danger_emergency_from, rules.settings.danger_look_from)
