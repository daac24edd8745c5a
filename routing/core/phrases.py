"""Patterns from the words of misconduct.toml: `~` for a few characters between, `{part}` for any word of a list."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: What ends a clause.
CLAUSE_ENDS = "，。；：！？、,;:!?\n"
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

    def hints(self, words: Iterable[str]) -> set[str]:
        """One of these stands in every text that has one of `words`: cheap to look for."""
        return {hint for word in words for hint in self._hints_of(word)}

    def _hints_of(self, word: str) -> set[str]:
        """What is needed of its piece that is hardest to come by: the longest words, of equals the most particular list."""
        pieces = [piece for piece in _PIECES.split(word) if piece and piece != "~"]
        needed = [self.hints(self.parts[piece[1:-1]]) if piece[0] == "{" else {piece} for piece in pieces]
        return max(needed, key=lambda hints: (min(map(len, hints)), len(hints)))

    def _phrase(self, word: str) -> str:
        return "".join(self._piece(piece) for piece in _PIECES.split(word))

    def _piece(self, piece: str) -> str:
        if piece == "~":
            return GAP
        return self._part(piece[1:-1]) if piece.startswith("{") else re.escape(piece)

    def _part(self, name: str) -> str:
        if name not in self.parts:
            raise ValueError(f"misconduct.parts has no {name}")
        before = "".join(f"(?<!{re.escape(word)})" for word in self.not_after.get(name, ()))
        stop = self.not_before.get(name, ())
        after = f"(?!{'|'.join(map(re.escape, stop))})" if stop else ""
        return f"{before}{self.any_of(self.parts[name])}{after}"
