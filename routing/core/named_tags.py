"""Which tags (标签) a message has: those that one of their words names, wherever it stands, unless it is denied."""

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from routing.core.lexicon import matches_in
from routing.core.negation import AFTER, BEFORE, Assertion, said
from schemas.city import City
from schemas.ids import TagCode
from schemas.words import Kind


class NamedTags:
    """The tags of one city, ready to be looked for in many messages; threads may share it."""

    def __init__(self, city: City) -> None:
        self._tags = city.tags
        owner = {word: at for at, tag in enumerate(city.tags) for word in tag.words}
        #: By the number of a word: the tags that it names, and those that shorter words inside it name.
        self._named = tuple(
            tuple(dict.fromkeys(at for inner, at in owner.items() if inner in word)) for word in owner
        )
        # Apart from the words that route: beside these they would hide some, and scores that were measured would change.
        self._automaton = AhoCorasick(
            tuple(owner), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
        )

    def named(self, whole: str, kind: Kind) -> tuple[TagCode, ...]:
        """The message's tags, in the city's order. `whole`: all that was read, a line end behind it."""
        found: set[int] = set()
        for which, at, end in matches_in(self._automaton, whole):
            tags = self._named[which]
            if not found.issuperset(tags) and not _is_denied(whole, at, end):
                found.update(tags)
        return tuple(
            [tag.code for tag in map(self._tags.__getitem__, sorted(found)) if tag.kind in (None, kind)]
        )


def _is_denied(whole: str, at: int, end: int) -> bool:
    """没有老人, 不是孩子; what is only feared (怕老人摔倒) is told of all the same."""
    may_be = whole[at - 1] in BEFORE or whole[end] in AFTER
    return may_be and said(whole, at, end) <= Assertion.ABSENT
