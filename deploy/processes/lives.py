"""What a part of a process and a whole process have in common: a name, and a pause before each restart."""

from collections.abc import Iterable

_JOINT = "+"
#: Of a process that asks to be started anew, because what it keeps in memory is no longer so: EX_TEMPFAIL of sysexits.h.
EXIT_ANEW = 75
#: Before what failed is begun anew: twice as long each time, up to half a minute (project choices).
FIRST_PAUSE_SECONDS = 0.25
LAST_PAUSE_SECONDS = 30.0
#: Twenty doublings of a quarter of a second are three days: nobody waits for more of them (project choice).
_MOST_DOUBLINGS = 20


def name_of(parts: Iterable[str]) -> str:
    """The process of these parts: `relay+sweep`."""
    return _JOINT.join(parts)


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of the process of that name; its own name alone where it has none."""
    return tuple(name.split(_JOINT))


def pause_seconds(
    doublings: int, *, first: float = FIRST_PAUSE_SECONDS, longest: float = LAST_PAUSE_SECONDS
) -> float:
    """How long to rest when the first pause has doubled so many times; never longer than `longest`."""
    return float(min(longest, first * 2 ** min(doublings, _MOST_DOUBLINGS)))
