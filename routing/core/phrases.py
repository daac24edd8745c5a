"""Patterns from the words of misconduct.toml: `~` for a few characters between, `{part}` for any word of a list."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: What ends a clause.
CLAUSE_ENDS = "，。；：！？、,;:!?\n"
#: `~` in a word. Project choice: as long as a name and its office (收了商户王某某的钱).
GAP = f"[^{CLAUSE_ENDS}]{{0,8}}"
_PIECES = re.compile(r"(~|\{\w+\})")

Lists = Mapping[str, Sequence[str]]
#: Plain characters, and a pattern for what follows them.
Beginning = tuple[str, str]


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

    def whether_any_of(self, words: Iterable[str]) -> str:
        """A pattern that is found in every text that has one of `words`, and hardly in another: to be asked first.

        Several times as fast as `any_of`: `re` tries one branch after the other, and here few have the same beginning.
        """
        return _branches({beginning for word in words for beginning in self._beginnings(word)})

    def _beginnings(self, word: str) -> Iterator[Beginning]:
        """The characters that the phrase may begin with, and a pattern for what follows them."""
        first, *more = (piece for piece in _PIECES.split(word.lstrip("~")) if piece)
        rest = "".join(map(self._piece, more))
        if not first.startswith("{"):
            yield first, rest
            return
        for one in self.parts[first[1:-1]]:
            for characters, following in self._beginnings(one):
                yield characters, following + rest

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


def _branches(beginnings: Iterable[Beginning]) -> str:
    """A pattern for any of them, each first character once; where one is at its end, none needs to be longer."""
    ends: set[str] = set()
    by_first: dict[str, set[Beginning]] = {}
    for characters, rest in beginnings:
        if characters:
            by_first.setdefault(characters[0], set()).add((characters[1:], rest))
        else:
            ends.add(rest)
    if "" in ends:
        return ""
    branches = [re.escape(first) + _branches(more) for first, more in sorted(by_first.items())]
    return f"(?:{'|'.join([*branches, *sorted(ends)])})"
