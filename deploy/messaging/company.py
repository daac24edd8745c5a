"""Whether several cases are under way: then a record waits a moment for others, since a batch costs little more than one.

A single case is never made to wait, however many events it makes one after the other; nor does a crowd wait for more.
"""

import time
from collections.abc import Hashable, Sequence

# Project choices, measured (docs/measurements.md, Small loads).
#: So many different cases within `_MOMENT_SECONDS` are company: more than one citizen after the other brings.
_SEVERAL = 3
_MOMENT_SECONDS = 0.25
#: A lot this large costs little for each: whoever waited for more would only be late (project choice).
_CROWD = 64


class Company:
    """Who passed one place in this moment and in the one before."""

    def __init__(self) -> None:
        self._before: set[Hashable] = set()
        self._now: set[Hashable] = set()
        self._since = time.monotonic()
        self._is_crowd = False

    def note(self, cases: Sequence[Hashable]) -> None:
        """These pass at once; the same one may be among them several times."""
        self._turn()
        self._is_crowd = len(cases) >= _CROWD
        if len(self._now) < _SEVERAL:
            self._now.update(cases)

    @property
    def is_there(self) -> bool:
        """Whether several cases passed within a moment, a moment ago, and no crowd at last."""
        self._turn()
        return not self._is_crowd and max(len(self._before), len(self._now)) >= _SEVERAL

    def _turn(self) -> None:
        age = time.monotonic() - self._since
        if age < _MOMENT_SECONDS:
            return
        self._before = self._now if age < 2 * _MOMENT_SECONDS else set()
        self._now = set()
        self._since = time.monotonic()
