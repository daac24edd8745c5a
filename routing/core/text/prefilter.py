"""A quick test whether a text can contain one of many phrases, before slow exact patterns are tried."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from routing.core.text.patterns import LazyPattern

#: Characters before and behind the end of a phrase that are read. Project choice: no phrase with its gaps is as long.
_REACH = 200
#: Every way in which one piece of a phrase may be written.
Piece = frozenset[str]


class Prefilter:
    """Finds every text in which one clause holds all pieces of a phrase, its last one at the end.

    It looks for the pieces of all phrases in one pass. What it finds need not be the phrase, unless it is given patterns:
    order and distance of the other pieces are not looked at. A text that holds a phrase is always found.
    """

    __slots__ = ("_automaton", "_groups", "_kept", "_needs", "_patterns")

    def __init__(
        self,
        phrases: Iterable[Sequence[Piece]],
        clause_ends: str,
        *,
        patterns: Iterable[LazyPattern] | None = None,
    ) -> None:
        """`phrases`: the pieces of each, in order; none of them is empty. `patterns`: what each is exactly.

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
        #: By literal: the pieces that must all be there where it ends a phrase, and the phrases that are made of them.
        needs: dict[str, dict[int, list[int]]] = {literal: {} for literal in groups}
        for at, pieces in enumerate(wanted):
            need = reduce(or_, (bits[piece] for piece in pieces))
            for literal in pieces[-1]:
                needs[literal].setdefault(need, []).append(at)
        self._groups, self._needs = [*groups.values()], [tuple(each.items()) for each in needs.values()]
        self._patterns = None if patterns is None else tuple(patterns)
        #: By literal: what is still seen after it; the end of a clause ends everything.
        self._kept = [0 if literal in clause_ends else -1 for literal in groups]
        # Takes a sixth less time than the smaller kinds, and a few megabytes.
        self._automaton = AhoCorasick(
            [*groups], matchkind=MatchKind.Standard, implementation=Implementation.DFA
        )

    def may_hold(self, text: str) -> bool:
        """Whether it is worth looking for the phrases in `text`."""
        kept, groups, needs, seen = self._kept, self._groups, self._needs, 0
        looked: dict[int, int] = {}
        for which, _, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            seen = seen & kept[which] | groups[which]
            for need, phrases in needs[which]:
                if seen & need == need and self._is_exact(text, end, phrases, looked):
                    return True
        return False

    def _is_exact(self, text: str, end: int, phrases: Iterable[int], looked: dict[int, int]) -> bool:
        """Whether one of `phrases` stands about there, the end of its last piece at `end` or later.

        `looked`: by phrase, up to where it does not stand. One that is asked for again is looked for in all that is left:
        its pieces may be repeated a thousand times.
        """
        if self._patterns is None:
            return True
        for at in phrases:
            until = end + _REACH
            if looked.get(at, 0) < until:
                looked[at] = len(text) + _REACH if at in looked else until
                if self._patterns[at].search(text, max(0, end - _REACH), looked[at]):
                    return True
        return False
