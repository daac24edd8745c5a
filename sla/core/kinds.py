"""What each clock follows: the events that start, pause, hold and stop it, and whom it holds to something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec

from schemas.words import Clock


class Moment(StrEnum):
    """What happens to a case that clocks follow: an event's type, without its version."""

    #: 登记
    REGISTERED = "case.registered"
    #: 派到单位
    ASSIGNED = "case.assigned"
    #: 签收
    SIGNED = "case.signed"
    #: 退单
    RETURNED = "case.returned"
    #: 退单未准
    RETURN_REFUSED = "return.refused"
    #: 挂起
    SUSPENDED = "case.suspended"
    #: 延期获准
    EXTENDED = "extension.decided"
    #: 答复
    REPLIED = "case.replied"
    #: 重办
    REOPENED = "case.reopened"


class Owner(StrEnum):
    """Whom a clock holds to something."""

    #: 主办单位: its alerts go to the department's own topic, too
    LEAD = "lead"
    #: 派单员
    DISPATCHER = "dispatcher"
    #: 督办员
    SUPERVISOR = "supervisor"


#: The moments that each field may name.
_MAY: Mapping[str, frozenset[Moment]] = {
    "starts": frozenset({Moment.REGISTERED, Moment.ASSIGNED, Moment.REOPENED}),
    "anew": frozenset({Moment.ASSIGNED, Moment.RETURN_REFUSED}),
    "pauses": frozenset({Moment.SUSPENDED}),
    "holds": frozenset({Moment.REPLIED}),
    "stops": frozenset({Moment.ASSIGNED, Moment.SIGNED, Moment.RETURNED, Moment.REPLIED}),
    "extends": frozenset({Moment.EXTENDED}),
}
_NEVER: frozenset[Moment] = frozenset()


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people call a clock."""

    zh: str
    en: str


class ClockKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clock, as clocks.toml describes its fields."""

    owner: Owner
    starts: Mapping[Moment, str]
    anew: frozenset[Moment] = _NEVER
    pauses: frozenset[Moment] = _NEVER
    holds: frozenset[Moment] = _NEVER
    stops: frozenset[Moment] = _NEVER
    extends: frozenset[Moment] = _NEVER
    required: bool = False
    #: None for the clocks that every city has: theirs stand in `schemas/labels.py`.
    label: Label | None = None

    @property
    def problems(self) -> Iterator[str]:
        """What cannot be about it."""
        for name, may in _MAY.items():
            for moment in sorted(frozenset(getattr(self, name)) - may):
                yield f"`{name}` cannot name {moment}: {', '.join(sorted(may))}"
        if not self.starts:
            yield "`starts` is empty"
        if self.owner is Owner.LEAD and Moment.REGISTERED in self.starts:
            yield "nobody leads yet when it starts, so its owner cannot be lead"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clocks:
    """All clocks of a city, and which of them follow a moment."""

    kinds: Mapping[Clock, ClockKind]

    def started_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that begin at this moment of a case."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.starts]

    def begun_anew_by(self, moment: Moment) -> Sequence[Clock]:
        """Those that begin once more."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.anew]

    def paused_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that stand still from this moment of a case on."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.pauses]

    def held_by(self, moment: Moment) -> Sequence[Clock]:
        """Those that wait for a review."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.holds]

    def stopped_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that stop for good at this moment of a case."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.stops]

    def extended_by(self, moment: Moment) -> Sequence[Clock]:
        """Those that are allowed more time."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.extends]

    @property
    def handed_on(self) -> Sequence[Clock]:
        """Those of the lead department that go on when another one gets the case."""
        return [
            clock
            for clock, kind in self.kinds.items()
            if kind.owner is Owner.LEAD and Moment.ASSIGNED not in kind.anew
        ]

    @property
    def terms(self) -> Mapping[str, Moment]:
        """The terms that a rule may state, and when each begins to apply."""
        return {term: moment for kind in self.kinds.values() for moment, term in kind.starts.items()}


@cache
def shipped_kinds() -> Mapping[Clock, ClockKind]:
    """The descriptions of all clocks that clocks.toml ships."""
    text = (resources.files("sla") / "data" / "clocks.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[Clock, ClockKind])
