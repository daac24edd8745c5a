"""Digits near one another in a text, and the neighbouring groups of them that may be one number."""

import msgspec

from schemas.masking.spellings import DIGITS, HAN_DIGITS
from schemas.patterns import compiled_later

#: 13九00一38001; 一 alone may be a dash.
_MIXED = compiled_later(f"[{DIGITS}]*[0-9０-９][{HAN_DIGITS.replace('一', '')}]+[0-9０-９][{DIGITS}]*")
_BETWEEN = compiled_later(r"[^0-9]+")
#: Characters before a number that say what it is of (project choice: a clause).
NEAR = 24


class DigitRun(msgspec.Struct, frozen=True, gc=False):
    """Digits near one another, in groups, and the words around them."""

    text: str
    plain: str
    start: int
    #: Where each group begins and ends in `plain`.
    groups: list[tuple[int, int]]
    official: bool
    phone: str
    #: The digits of all groups, and where those of each end.
    digits: str
    ends: list[int]
    #: Of each group, whether what stands before it may part two numbers.
    is_loose: list[bool]

    def digits_until(self, first: int, last: int) -> str:
        """The digits from one group to another, both included."""
        return self.digits[self.begin(first) : self.ends[last]]

    def begin(self, group: int) -> int:
        """Where a group's digits begin."""
        return self.ends[group - 1] if group else 0

    def before(self, group: int) -> str:
        """The words before a group."""
        at = self.start + self.groups[group][0]
        return self.text[max(0, at - NEAR) : at]

    def after(self, group: int) -> str:
        """The words after a group."""
        at = self.start + self.groups[group][1]
        return self.text[at : at + 10]

    def between(self, first: int, last: int) -> str:
        """What stands from one group to another, the groups included."""
        return self.plain[self.groups[first][0] : self.groups[last][1]]


class NumberCandidate(msgspec.Struct, frozen=True, gc=False):
    """Neighbouring groups read as one number."""

    run: DigitRun
    first: int
    last: int
    digits: str
    loose: bool

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many digits each group has."""
        return tuple(end - start for start, end in self.run.groups[self.first : self.last + 1])

    @property
    def is_whole(self) -> bool:
        """Whether it is one group."""
        return self.first == self.last

    @property
    def is_mixed(self) -> bool:
        """Whether it is of two scripts, with nothing between."""
        start, end = self.run.groups[self.first][0], self.run.groups[self.last][1]
        return _MIXED.fullmatch(self.run.text, self.run.start + start, self.run.start + end) is not None

    @property
    def before(self) -> str:
        """The words that stand before the number."""
        return self.run.before(self.first)

    @property
    def after(self) -> str:
        """The words that stand behind the number."""
        return self.run.after(self.last)

    @property
    def gaps(self) -> set[str]:
        """What stands between its groups."""
        return set(_BETWEEN.findall(self.run.between(self.first, self.last)))

    @property
    def is_apart(self) -> bool:
        """Whether what stands beside it in the run is no part of it: another number, behind a space or a stroke."""
        for at in (self.first, self.last + 1):
            if 0 < at < len(self.run.groups) and not self.run.is_loose[at]:
                gap = self.run.plain[self.run.groups[at - 1][1] : self.run.groups[at][0]]
                if gap.strip(" /") or gap in self.gaps:
                    return False
        return True
