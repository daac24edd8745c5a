"""Which calendar a clock goes by: the city's, a department's own, or first one and then another where a case was moved.

A clock keeps the names of those that it goes by. One that a city's rules describe has the digest of what they say in its
name (`hall@1f3c5a7b`), so that other hours in a later file move no deadline that was told before. A case that is moved to a
department with other hours is counted by the old ones up to the day of the move, and by the new ones from that day on:
`china 2026-11-27 hall@1f3c5a7b`. What was used is used, and nobody has to work while they are closed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache

import msgspec

from schemas.city import DEFAULT_TIME_ZONE
from schemas.values import OwnHours
from sla.core.calendar import Calendar, DayOverride, shaped_calendar, shipped_shapes
from sla.core.hours import Shape

#: Calendars of moved cases that are kept (project choice: each is about two megabytes).
_KEPT = 32
#: Days that were declared, by the name of the calendar without a digest.
Declared = Mapping[str, Sequence[DayOverride]]


class OwnCalendars(msgspec.Struct, frozen=True, kw_only=True):
    """What a rules file says of hours: calendars of the city's own, and the departments that keep one."""

    own_calendar: Mapping[str, Shape] = {}
    calendar_of: Mapping[str, str] = {}

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """Every calendar that a department may keep, by its name."""
        return {**self.own_calendar, **shipped_shapes()}

    def id_of(self, name: str) -> str:
        """The name that a clock keeps."""
        return f"{name}@{self.own_calendar[name].digest}" if name in self.own_calendar else name


def city_calendar(
    name: str,
    own: OwnCalendars,
    *,
    declared: Declared | None = None,
    former: Iterable[str] = (),
    zone: str = DEFAULT_TIME_ZONE,
) -> Calendar:
    """The city's calendar, which knows those of its departments.

    `former`: texts of earlier rules files, whose calendars open clocks may still go by. Days that were declared for the
    city's calendar count for every other one that keeps holidays, unless its own say otherwise.
    """
    days = declared or {}
    shapes = {**_former(former), **{own.id_of(each): shape for each, shape in own.shapes.items()}}
    citys_id = own.id_of(name)
    citys = shapes[citys_id]

    def built(wanted: str) -> Calendar | None:
        shape = shapes.get(wanted)
        if shape is None:
            return None
        follows = wanted == citys_id or (shape.holidays and shape.holidays == citys.holidays)
        of_city = days.get(name, ()) if follows else ()
        told = of_city if wanted == citys_id else (*of_city, *days.get(_bare(wanted), ()))
        return shaped_calendar(wanted, shape, overrides=_latest(told), zone=zone)

    known = cache(built)
    departments = {code: own.id_of(each) for code, each in own.calendar_of.items() if each != name}
    return replace(_found(known, citys_id), departments=departments, known=known)


def _latest(days: Sequence[DayOverride]) -> Iterable[DayOverride]:
    return {each.day: each for each in days}.values()


def _found(known: Callable[[str], Calendar | None], name: str) -> Calendar:
    found = known(name)
    if found is None:
        raise KeyError(name)
    return found


def _former(texts: Iterable[str]) -> Mapping[str, Shape]:
    """The calendars of earlier rules files by their ids; a file of which they cannot be read has none."""
    found: dict[str, Shape] = {}
    for text in texts:
        try:
            own = msgspec.toml.decode(text, type=OwnCalendars)
        except (msgspec.ValidationError, msgspec.DecodeError):
            continue
        found |= {own.id_of(name): shape for name, shape in own.own_calendar.items()}
    return found


def kept_by(city: Calendar, calendar: Calendar) -> str | None:
    """What a clock keeps that goes by this one; None: the city's."""
    return None if calendar is city else calendar.name


def along(city: Calendar, path: str | None) -> Calendar:
    """The calendar that a clock goes by, from what it keeps.

    One that nothing remembers is the present one of that name, or the city's.
    """
    if path is None:
        return city
    first, *moves = path.split(" ")
    calendar = _named(city, first)
    for day, name in zip(moves[::2], moves[1::2], strict=True):
        calendar = _joined(calendar, _named(city, name), date.fromisoformat(day))
    return calendar


def _named(city: Calendar, name: str) -> Calendar:
    if name == city.name:
        return city
    present = next((each for each in city.departments.values() if _bare(each) == _bare(name)), name)
    return city.known(name) or city.known(present) or city


def _bare(name: str) -> str:
    return name.partition("@")[0]


def moved_to(city: Calendar, path: str | None, department: str | None, day: date) -> str | None:
    """What a clock keeps once this department has it, from that day on; nothing changes where it has the same hours.

    `department`: None while the centre decides who gets it; then it goes by the hours that it had.
    """
    to = city.of(department).name
    steps = [city.name] if path is None else path.split(" ")
    if department is None or steps[-1] == to:
        return path
    if len(steps) > 1 and steps[-2] == day.isoformat():
        steps = steps[:-2]
    steps += [] if steps[-1] == to else [day.isoformat(), to]
    return None if steps == [city.name] else " ".join(steps)


def present_path(city: Calendar, path: str | None) -> str | None:
    """The same, with each calendar's hours as the rules say them now."""
    if path is None:
        return None
    present = {_bare(each): each for each in city.departments.values()}
    return " ".join(present.get(_bare(step), step) for step in path.split(" "))


def hours_of(city: Calendar, path: str | None) -> OwnHours | None:
    """The hours that count from now on for a clock that keeps this; None: the city's, or those that nobody remembers."""
    name = (path or city.name).rpartition(" ")[2]
    own = _named(city, name)
    if own.name == city.name or own.label is None:
        return None
    return OwnHours(calendar=_bare(name), zh=own.label.zh, en=own.label.en)


@lru_cache(maxsize=_KEPT)
def _joined(earlier: Calendar, later: Calendar, day: date) -> Calendar:
    """The first one's days and hours before that day, the second one's from then on."""
    announced = {years for each in (earlier, later) if (years := each.announced_years) is not None}
    return replace(
        later,
        name=f"{earlier.name} {day} {later.name}",
        workdays=frozenset(each for each in earlier.workdays if each < day)
        | frozenset(each for each in later.workdays if each >= day),
        announced_years=frozenset.intersection(*announced) if announced else None,
        earlier=(earlier, day),
        departments={},
    )
