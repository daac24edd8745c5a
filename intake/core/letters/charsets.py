"""Whether bytes were decoded in the right charset, judged by what the words look like."""

from collections.abc import Iterable, Sequence
from functools import cache

#: Of the ideographs in a text, those that everybody uses: above it the text was read rightly, below it wrongly. Project
#: choice: names and places keep any real text far above, another encoding leaves it far below.
READS_WELL, READS_BADLY = 0.9, 0.6
#: Ideographs without which nothing is told of a text. Project choice: of fewer one rare name is a third.
_FEW = 4


def usual_share(text: str) -> float:
    """Of its ideographs, the share of those that everybody uses; 1 where it has too few to tell."""
    found = [
        character
        for character in text
        if "\u3400" <= character <= "\u9fff" or "\ue000" <= character < "\uf900"
    ]
    if len(found) < _FEW:
        return 1.0
    return sum(character in _everyday() for character in found) / len(found)


@cache
def _everyday() -> frozenset[str]:
    """Ideographs of the first level of GB 2312 and of Big5: a few thousand each, by how often they are used."""
    simplified = _characters("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))
    traditional = _characters("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return frozenset((*simplified, *traditional))


def _characters(encoding: str, rows: Iterable[int], cells: Sequence[int] | range) -> str:
    return "".join(bytes((row, cell)).decode(encoding, errors="ignore") for row in rows for cell in cells)
