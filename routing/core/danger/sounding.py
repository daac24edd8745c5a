"""What sounds like danger to somebody now though no rule finds it: an emergency, or what a person looks at first."""

from collections.abc import Sequence
from itertools import count
from math import inf
from typing import NamedTuple

from routing.core.accusations.laid_out import Texts, lay_out, lay_out_english, words_of
from routing.core.danger.perils_in_english import begins_in_english
from routing.core.evidence import LEVELS, Evidence, read
from routing.core.rules import RoutingRules
from routing.core.suspicion.on_demand import OnDemand
from routing.core.suspicion.signs import readable
from schemas.words import Urgency

#: Characters of a message in which clauses begin that are weighed. Project choice: 99 of 100 public messages have fewer.
_READ = 2000
#: Characters that have one chance to sound like danger, and how much louder the loudest must be for each further one: of
#: long letters some clause always is. Project choices: of 0 to .6, .4 finds most where one of 670 real messages and one
#: everyday message of a hundred is called so (docs/measurements.md).
_ONE_CHANCE, _LOUDER = 48, 0.4
#: Chances that count: who has more to tell is not heard less. Project choice: of 5 to 8, it hears most in letters of 300
#: to 1,200 characters for as many false alarms.
_MOST_CHANCES = 7.0


class Sound(NamedTuple):
    """What of a message sounds most like danger."""

    #: Beyond what it takes to say so of a short message.
    loudness: float
    words: str
    #: The weights that say so.
    version: str


_SILENCE = Sound(-inf, "", "")


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


def loudest(rules: RoutingRules, texts: Texts, lines_beside: Sequence[int]) -> Sequence[Sound]:
    """What of each text sounds most like danger; so many of its last lines are only beside the message."""
    if _limit(rules) == inf:
        return [_SILENCE] * len(texts.seen)
    heard = _heard(rules.dangers, _limit(rules), texts, lines_beside)
    english = [which for which, text in enumerate(texts.plain) if begins_in_english(text)]
    if english:
        told = lay_out_english([texts.plain[which] for which in english])
        lines = [lines_beside[which] for which in english]
        least = max(_limit(rules), _limit_in_english(rules))
        for which, sound in zip(english, _heard(rules.dangers_in_english, least, told, lines), strict=True):
            heard[which] = max(heard[which], sound)
    return heard


def _heard(weights: OnDemand, least: float, texts: Texts, lines_beside: Sequence[int]) -> list[Sound]:
    read = [
        min(_READ, _units((seen.text.rsplit("\n", lines)[0] if lines else seen.text)[:_READ]))
        for seen, lines in zip(texts.seen, lines_beside, strict=True)
    ]
    louder = [_LOUDER * (min(_MOST_CHANCES, max(1.0, length / _ONE_CHANCE)) - 1.0) for length in read]
    windows = weights.loudest(texts.weighable, read, [least + each for each in louder])
    return [
        Sound(window.score - more, words_of(texts, which, window).strip(), weights.version)
        if window.text
        else _SILENCE
        for which, window, more in zip(count(), windows, louder, strict=False)
    ]


def _units(text: str) -> int:
    """Its length as it is laid out to be weighed: a picture is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def danger_in(rules: RoutingRules, found: Evidence, sound: Sound) -> Danger:
    """The rules' word, unless the weights find more in it than they.

    Where a listed word is taken back a person only looks first.
    """
    urgency, settings = LEVELS[found.urgency], rules.settings
    if urgency is Urgency.EMERGENCY or sound.loudness < _limit(rules):
        return Danger(urgency)
    sounds = (sound.version, readable(sound.words))
    if sound.loudness >= settings.danger_emergency_from and not found.taken_back:
        return Danger(Urgency.EMERGENCY, sounds)
    if sound.loudness >= settings.danger_look_from:
        return Danger(Urgency.URGENT, sounds, waits=True)
    return Danger(urgency)


def danger_told(rules: RoutingRules, title: str, text: str) -> Danger:
    """Of one message in Simplified characters, without a look at anything else that is routed by."""
    texts = lay_out(rules.accusations, [f"{title}\n{text}"])
    return danger_in(rules, read(rules, title, text), loudest(rules, texts, [0])[0])


def _limit(rules: RoutingRules) -> float:
    """From which weight on anything is done."""
    return min(rules.settings.danger_emergency_from, rules.settings.danger_look_from)


def _limit_in_english(rules: RoutingRules) -> float:
    """The same of what is told in English."""
    return min(rules.settings.danger_emergency_from, rules.settings.danger_look_from_in_english)
