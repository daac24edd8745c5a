"""Words that one list of the rules has twice, alike or in another spelling (路燈, 路灯): they count once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from routing.core.rules import FILES, read_file
from schemas.simplified import readings_of

#: These are one list: a word has the first strength at which it stands.
_STRENGTHS = ("decisive", "strong", "leaning")
#: What an entry goes by.
_NAMES = ("code", "kind", "name", "number")


class Doubling(NamedTuple):
    """A word, and the one before it in its list that reads the same."""

    #: Without its ending.
    file: str
    #: Empty: none, the list is the file's own.
    entry: str
    #: With those of the tables around it, by dots.
    key: str
    word: str
    theirs: str


def doublings(directory: Path | None) -> Iterator[Doubling]:
    """Those of the rules in `directory`; a file that is missing there is the shipped one.

    Raises:
        OSError, ValueError: a file cannot be read, or is malformed.
    """
    for file in FILES:
        for entry, key, words in _lists(read_file(directory, file), "", ""):
            yield from (Doubling(file, entry, *found) for found in _twice(key, words))


def _lists(table: Mapping[str, Any], around: str, entry: str) -> Iterator[tuple[str, str, list[str]]]:
    """Every list of words, with its entry and its key."""
    entry = next((str(table[name]) for name in _NAMES if name in table), entry)
    yield entry, around, [word for key in _STRENGTHS for word in _words(table.get(key))]
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _lists(value, f"{around}{key}.", entry)
        elif isinstance(value, list) and key not in _STRENGTHS:
            yield entry, around + key, _words(value)
            for each in value:
                if isinstance(each, dict):
                    yield from _lists(each, f"{around}{key}.", entry)


def _words(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _twice(key: str, words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    seen: dict[str, str] = {}
    for word in words:
        read = readings_of(word)
        before = [seen[each] for each in read if each in seen]
        if len(before) == len(read):
            yield key, word, before[0]
        seen |= {each: word for each in read if each not in seen}
