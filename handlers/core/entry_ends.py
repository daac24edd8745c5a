"""When knowledge entries end, and when their departments hear of it before."""

import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import NamedTuple

from schemas.ids import DepartmentCode, EntryId
from schemas.notices import Audience, Notice, Occasion


class EntrySpans(NamedTuple):
    """`handlers/data/entries.toml`: how long before its end an entry is told of, the longest first; how long it may hold."""

    warned_before: Sequence[timedelta]
    longest_valid: timedelta


def _read() -> EntrySpans:
    kept = tomllib.loads((resources.files("handlers") / "data" / "entries.toml").read_text(encoding="utf-8"))
    warned = sorted((timedelta(days=days) for days in kept["warned_days_before"]), reverse=True)
    return EntrySpans(warned_before=warned, longest_valid=timedelta(days=kept["longest_valid_days"]))


SPANS = _read()
#: A warning that nobody could give for so long is not given any more (project choice: the desk shows it all the same).
_LATE = timedelta(days=3)


class Ending(NamedTuple):
    """An entry that everybody reads until that moment."""

    entry_id: EntryId
    owner: DepartmentCode
    holds_until: datetime


def warnings(ending: Sequence[Ending], now: datetime) -> Iterator[Notice]:
    """What the owners of these entries are told now: once at each of the times before the end, and never late."""
    for entry in ending:
        for before in SPANS.warned_before:
            begins = entry.holds_until - before
            if begins <= now < min(begins + _LATE, entry.holds_until):
                yield _warning(entry, before, now)


def held_notice(entry_id: EntryId, owner: DepartmentCode, version: int, now: datetime) -> Notice:
    """What the owner of an entry is told that was held back in this version."""
    return Notice(
        occasion=Occasion.ENTRY_HELD,
        audience=Audience.DEPARTMENT,
        at=now,
        mark=f"{entry_id}.{version}",
        department=owner,
        facts={"entry_id": entry_id},
    )


def _warning(entry: Ending, before: timedelta, now: datetime) -> Notice:
    return Notice(
        occasion=Occasion.ENTRY_ENDS,
        audience=Audience.DEPARTMENT,
        at=now,
        mark=f"{entry.entry_id}.{entry.holds_until.isoformat()}.{before.days}",
        department=entry.owner,
        facts={"until": entry.holds_until.isoformat(), "entry_id": entry.entry_id},
    )
