"""Whether several cases are in progress: then a fetch may wait a moment, as a batch costs little more than one record.

A single case is never made to wait, however many events it makes one after the other; nor does a crowd wait for more.
"""

import time
from collections.abc import Hashable, Sequence

# Project choices, measured (docs/measurements.md, Small loads).
#: So many different cases within `_MOMENT_SECONDS` are several: more than one citizen after the other brings.
_SEVERAL = 3
_MOMENT_SECONDS = 0.25
#: A lot this large costs little for each: whoever waited for more would only be late (project choice).
_CROWD = 64


class CasesUnderWay:
    """Counts the different cases that passed one place in this quarter of a second, and in the one before."""

    def __init__(self) -> None:
        self._before: set[Hashable] = set()
        self._now: set[Hashable] = set()
        self._since = time.monotonic()
        self._is_crowd = False

    def note(self, cases: Sequence[Hashable]) -> None:
        """Count these cases, which pass together; one may be among them several times."""
        self._turn()
        self._is_crowd = len(cases) >= _CROWD
        if len(self._now) < _SEVERAL:
            self._now.update(cases)

    @property
    def are_several(self) -> bool:
        """Whether several cases passed in this moment or the one before, and the last to pass were no crowd."""
        self._turn()
        return not self._is_crowd and max(len(self._before), len(self._now)) >= _SEVERAL

    def _turn(self) -> None:
        age = time.monotonic() - self._since
        if age < _MOMENT_SECONDS:
            return
        self._before = self._now if age < 2 * _MOMENT_SECONDS else set()
        self._now = set()
        self._since = time.monotonic()
