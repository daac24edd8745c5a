"""English as it is weighed: four letters of a word are one sign, as a character of Chinese is."""

import re
from functools import lru_cache
from zlib import crc32

from routing.core.text.phrases import CLAUSE_ENDS

#: Letters of a word that one sign stands for. Project choice: of 3 to 6 and of whole words, it finds most that another
#: hand told.
_LETTERS = 4
#: Words that tell nothing of what happens: who says much in one sentence has more of them, in danger or not. Project choice:
#: without them half as many everyday lines sound like danger, for as many dangers. Without verbs (is, has) or pronouns, too,
#: no fewer.
_SILENT = "the|a|an|and|of|to|on|at|for|that|this|it|with|from|by|as|or"
#: Each that is weighed is its first group.
_WEIGHED = re.compile(
    rf"(?<![a-z'])(?:{_SILENT})(?![a-z'])|([a-z]{{1,{_LETTERS}}}|\d+|[{CLAUSE_ENDS}])",
    re.IGNORECASE | re.ASCII,
)
#: One that no number and no abbreviation (e.g.) needs.
_FULL_STOP = re.compile(r"\.(?=\s|\Z)")
#: The signs, by Unicode: of the characters that need no two units, those that end no clause. The last is every number's.
_FIRST, _LAST = 0x3400, 0xD7FF
#: Project choice: as many as words have parts.
_REMEMBERED = 4096


def with_full_stops(text: str) -> str:
    """`text`, as long as it was, whose sentences end as Chinese ones do."""
    return _FULL_STOP.sub("。", text)


def spelt(text: str) -> str:
    """A sign for each part of a word that tells something; ends of clauses stay; all else is left out."""
    return "".join([_sign(found) for found in _WEIGHED.findall(text.lower()) if found])


def part_of(text: str, signs: str) -> str:
    """What of `text`, in which no clause ends, these signs stand for."""
    at = spelt(text).index(signs)
    parts = [part for part in _WEIGHED.finditer(text) if part[1]][at : at + len(signs)]
    return text[parts[0].start() : parts[-1].end()]


@lru_cache(maxsize=_REMEMBERED)
def _sign(part: str) -> str:
    if part in CLAUSE_ENDS:
        return part
    if part.isdigit():
        return chr(_LAST)
    return chr(_FIRST + crc32(part.encode()) % (_LAST - _FIRST))
