"""Regular expressions that are compiled at first use."""

import re
import sys
from collections.abc import Iterator
from functools import cached_property


class LazyPattern:
    """A pattern of thousands of words, which takes a tenth of a second to compile, and which few messages need."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """As `re.Pattern.search`, compiled at its first use."""
        return self._compiled.search(text, start, end)

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """As `re.Pattern.match`, compiled at its first use."""
        return self._compiled.match(text, start, end)

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """As `re.Pattern.finditer`, compiled at its first use."""
        return self._compiled.finditer(text, start, end)
