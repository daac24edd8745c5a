"""Regular expressions that cost nothing at import: each is compiled at first use.

A process of one slice imports what masks texts, and most often masks none: the masker's patterns alone were half of what a
slice's import took.
"""

import re
from typing import Any, cast


class _Later:
    """Stands for a pattern. What was asked of it once is its own attribute from then on, so that it costs no more."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags
        self._pattern: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._pattern is None:
            self._pattern = re.compile(self._text, self._flags)
        found = getattr(self._pattern, name)
        setattr(self, name, found)
        return found


def compiled_later(text: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, but at its first use, which also says whether `text` is a pattern at all; several threads may use it.

    For patterns that are asked by their methods: `re.search(pattern, …)` does not know it.
    """
    return cast("re.Pattern[str]", _Later(text, flags))
