"""Which district a message is of, where it names a street and no district (属地 by the gazetteer, 路名库)."""

from collections.abc import Mapping

from ahocorasick_rs import AhoCorasick, MatchKind

from routing.core.text.lexicon import LONE_HALF
from routing.core.text.negation import Assertion, said
from schemas.city import City
from schemas.ids import RegionCode

#: Before a name these make it another street's: 北松涛路 is not 松涛路. Project choice: rather no district than a wrong one.
_OTHER = frozenset("东西南北中上下前后新老")


class Streets:
    """The streets of a city, each with its district; threads may share it."""

    def __init__(self, city: City) -> None:
        self._districts = streets_of(city)
        self._names = tuple(self._districts)
        self._has_letters = any(name != name.upper() for name in self._names)
        # The longest: 松涛路东巷 is not 松涛路.
        self._automaton = (
            AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest) if self._names else None
        )

    def district_of(self, *texts: str) -> RegionCode | None:
        """Of all the streets in the first text that names any; None where they lie in several districts, or one does."""
        for text in texts:
            named = self._named(text)
            if named:
                [first, *more] = named
                return None if more else first
        return None

    def _named(self, text: str) -> set[RegionCode | None]:
        if self._automaton is None or not text:
            return set()
        whole = LONE_HALF.sub("\ufffd", text.lower() if self._has_letters else text)
        return {
            self._districts[self._names[which]]
            for which, at, end in self._automaton.find_matches_as_indexes(whole)
            if not (at and whole[at - 1] in _OTHER) and said(whole, at, end) is not Assertion.DENIED
        }


def streets_of(city: City) -> Mapping[str, RegionCode | None]:
    """Each street, in small letters, and the one district that it lies in; None where two have a street of that name."""
    found: dict[str, RegionCode | None] = {}
    for region in city.regions:
        for street in dict.fromkeys(name.lower() for name in region.streets):
            found[street] = None if street in found else region.code
    return found
