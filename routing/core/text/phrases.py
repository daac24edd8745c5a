"""Patterns from the words of misconduct.toml: `~` for a few characters between, `{part}` for any word of a list."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from routing.core.text.patterns import LazyPattern
from routing.core.text.prefilter import Piece, Prefilter

#: What ends a clause.
CLAUSE_ENDS = "，。；：！？、,;:!?\n"
#: Characters of a clause that are read at once. Project choice: hardly a real clause is as long.
LONGEST_CLAUSE = 200
#: `~` in a word. Project choice: as long as a name and its office (收了商户王某某的钱).
GAP = f"[^{CLAUSE_ENDS}]{{0,8}}"
_PIECES = re.compile(r"(~|\{\w+\})")

Lists = Mapping[str, Sequence[str]]


def any_of(words: Iterable[str]) -> str:
    """The longest first, so that a long name is not taken for the short one that it begins with."""
    return Phrases().any_of(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The parts that phrases are made of, and what must not stand before or after each."""

    parts: Lists = field(default_factory=dict)
    not_before: Lists = field(default_factory=dict)
    not_after: Lists = field(default_factory=dict)

    def any_of(self, words: Iterable[str]) -> str:
        """A pattern for any of `words`.

        Raises:
            ValueError: one has a part that is not listed.
        """
        ordered = sorted(set(words), key=lambda word: (-len(word), word))
        return "(?:" + "|".join(self._phrase(word) for word in ordered) + ")"

    def prefilter(self, words: Iterable[str], *, patterns: Mapping[str, str] | None = None) -> Prefilter:
        """To be asked before `any_of` the same words, which takes ten times as long.

        `patterns`: how those of `words` are found that no pattern of theirs finds.
        """
        words = [*words]
        exact = ((patterns or {}).get(word) or self._phrase(word) for word in words)
        return Prefilter(
            (self._pieces(word) for word in words),
            CLAUSE_ENDS,
            patterns=[LazyPattern(pattern) for pattern in exact],
        )

    def _pieces(self, word: str) -> list[Piece]:
        found = (piece for piece in _PIECES.split(word) if piece not in ("", "~"))
        return [frozenset(self._literals(piece)) for piece in found]

    def _literals(self, piece: str) -> Iterator[str]:
        """Plain characters of which `piece` has some: its own, or the longest of each word of its list."""
        if not piece.startswith("{"):
            yield piece
            return
        for word in self._listed(piece[1:-1]):
            yield from max(self._pieces(word), key=lambda literals: min(map(len, literals)))

    def _phrase(self, word: str) -> str:
        return "".join(self._piece(piece) for piece in _PIECES.split(word))

    def _piece(self, piece: str) -> str:
        if piece == "~":
            return GAP
        return self._part(piece[1:-1]) if piece.startswith("{") else re.escape(piece)

    def _part(self, name: str) -> str:
        listed = self._listed(name)
        before = "".join(f"(?<!{re.escape(word)})" for word in self.not_after.get(name, ()))
        stop = self.not_before.get(name, ())
        after = f"(?!{'|'.join(map(re.escape, stop))})" if stop else ""
        return f"{before}{self.any_of(listed)}{after}"

    def _listed(self, name: str) -> Sequence[str]:
        if name not in self.parts:
            raise ValueError(f"misconduct.parts has no {name}")
        return self.parts[name]
