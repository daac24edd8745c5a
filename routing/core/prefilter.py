"""A cheap look whether a text can hold one of many phrases, before patterns that are exact and slow are tried."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from ahocorasick_rs import AhoCorasick, MatchKind

#: Every way in which one piece of a phrase may be written.
Piece = frozenset[str]


class Prefilter:
    """Finds every text in which one clause holds all pieces of a phrase, its last one at the end.

    It looks for the pieces of all phrases in one pass. What it finds need not be the phrase: order and distance of the
    other pieces are not looked at. A text that holds a phrase is always found.
    """

    __slots__ = ("_automaton", "_groups", "_kept", "_needs")

    def __init__(self, phrases: Iterable[Sequence[Piece]], clause_ends: str) -> None:
        """`phrases`: the pieces of each, in order; none of them is empty.

        Raises:
            ValueError: a phrase has no piece: every text would hold it.
        """
        wanted = [tuple(pieces) for pieces in phrases]
        if not all(wanted):
            raise ValueError("a phrase needs one piece at least")
        bits = {piece: 1 << at for at, piece in enumerate({piece for pieces in wanted for piece in pieces})}
        #: By literal: the pieces that it is a way of writing.
        groups: dict[str, int] = dict.fromkeys(clause_ends, 0)
        for piece, bit in bits.items():
            for literal in piece:
                groups[literal] = groups.get(literal, 0) | bit
        #: By literal: the pieces that must all be there where it ends a phrase.
        needs: dict[str, set[int]] = {literal: set() for literal in groups}
        for pieces in wanted:
            for literal in pieces[-1]:
                needs[literal].add(reduce(or_, (bits[piece] for piece in pieces)))
        self._groups, self._needs = [*groups.values()], [tuple(each) for each in needs.values()]
        #: By literal: what is still seen after it; the end of a clause ends everything.
        self._kept = [0 if literal in clause_ends else -1 for literal in groups]
        self._automaton = AhoCorasick([*groups], matchkind=MatchKind.Standard)

    def may_hold(self, text: str) -> bool:
        """Whether it is worth looking for the phrases in `text`."""
        kept, groups, needs, seen = self._kept, self._groups, self._needs, 0
        for which, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            seen = seen & kept[which] | groups[which]
            for need in needs[which]:
                if seen & need == need:
                    return True
        return False
