"""The rulings (认定) that hold now, and which of them a text speaks of."""

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick

from routing.core.decisions.catalogue import Ruling
from routing.core.text.lexicon import LONE_HALF
from routing.core.text.negation import Assertion, said
from schemas.city import City
from schemas.ids import RegionCode
from schemas.reasons import by_ruling
from schemas.values import Reason


class Rulings:
    """All that hold in this city, ready to be read beside many messages; threads may share it."""

    def __init__(self, rulings: Iterable[Ruling], city: City) -> None:
        self.every = tuple(one for one in rulings if _is_of(city, one))
        self._zone = city.zone
        self._words = tuple(dict.fromkeys(word for one in self.every for word in one.words))
        self._automaton = AhoCorasick(self._words) if self._words else None

    def reason(self, ruling: Ruling) -> Reason:
        """What is said of a case that it decides."""
        day = ruling.at.astimezone(self._zone).date()
        return by_ruling(day, ruling.id)

    def closest(self, text: str, region: RegionCode | None) -> tuple[Ruling, ...]:
        """Those that fit the text best: of a district before those of all, and of more words before those of fewer."""
        there = self._said(text)
        if not there:
            return ()
        fit = [one for one in self.every if there.issuperset(one.words) and one.region in (None, region)]
        best = max(map(_narrowness, fit), default=None)
        return tuple(one for one in fit if _narrowness(one) == best)

    def _said(self, text: str) -> set[str]:
        """The words that stand in it and are not denied (不是路灯)."""
        if self._automaton is None:
            return set()
        whole = LONE_HALF.sub("\ufffd", text)
        found = self._automaton.find_matches_as_indexes(whole, overlapping=True)
        return {
            self._words[which] for which, at, end in found if said(whole, at, end) is not Assertion.DENIED
        }


def _narrowness(ruling: Ruling) -> tuple[bool, int]:
    return (ruling.region is not None, len(ruling.words))


def _is_of(city: City, ruling: Ruling) -> bool:
    """Whether the city still has what it names."""
    return (
        ruling.department in city.department
        and (ruling.category is None or ruling.category in city.category)
        and (ruling.region is None or ruling.region in city.region)
    )
