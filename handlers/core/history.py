"""A case's history and the parts asked for in it, as departments read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from handlers.core.case import Case
from handlers.core.chain import Detail
from handlers.core.danger_said import DANGER_SAID
from handlers.core.protection import CLEARED, MATTER
from handlers.core.rules import Action, Actor
from schemas.events.tags import TagsCorrected
from schemas.ids import DepartmentCode, ItemCode
from schemas.values import ShownPart

#: Where a row of the log keeps its words.
WORDS = ("text", "reason", "response", "remarks", "comment", "legal_route")


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a case's history. `event`: the action; `text`: its words, if it had any."""

    at: datetime
    event: str
    text: str
    actor: str
    role: str
    state: str
    version: int
    detail: Detail
    #: Of what lasts for a while: its end.
    until: datetime | None = None


def shown_detail(role: str, kept: Detail) -> Detail:
    """What departments read of a row of the log: of what the citizen wrote there nothing.

    They read it among the supplements, once it is judged whom it accuses: a row is written before that.
    """
    # Whom a dispatcher cleared tells whom else the case accuses.
    hidden = {CLEARED, *(WORDS if role == Actor.CITIZEN else ())}
    return {name: value for name, value in kept.items() if name not in hidden}


def shown_history(case: Case, timeline: tuple[Happening, ...]) -> tuple[Happening, ...]:
    """What the departments of the case may read of its history: of a protected one what happened since they have it.

    Who had it before, and lost it, would tell whom it accuses; and the rule that sent it, what it is about: as its item
    and tags, which are no longer told either.
    """
    if not case.protected:
        return timeline
    last = max((place for place, row in enumerate(timeline) if row.event == Action.ROUTE), default=0)
    return tuple(_without_matter(row) for row in timeline[last:])


def _without_matter(row: Happening) -> Happening:
    """Of a row of a route, or of its tags: not by which rule, nor as what. What departments write is theirs."""
    if row.event not in (Action.ROUTE, TagsCorrected.name):
        return row
    detail = {name: value for name, value in row.detail.items() if name not in MATTER}
    return msgspec.structs.replace(row, detail=detail)


def sound_of(history: Sequence[Happening]) -> Sequence[str]:
    """Which weights alone made it an emergency, as its last route tells; empty where a rule or a person called it one.

    `history`: in the order of time.
    """
    last = next((row for row in reversed(history) if row.event == Action.ROUTE), None)
    said = last.detail.get("sound") if last is not None else None
    return said if isinstance(said, list) else ()


def danger_said_in(history: Sequence[Happening], closed_at: datetime | None) -> bool:
    """Whether the citizen told of danger since departments have it, or since its end. `history`: in the order of time."""
    routed = max((place for place, row in enumerate(history) if row.event == Action.ROUTE), default=0)
    said = [row.at for row in history[routed:] if row.event == DANGER_SAID]
    return bool(said) and (closed_at is None or said[-1] >= closed_at)


def _codes(row: Happening, name: str) -> tuple[str, ...]:
    """The departments that the row names there."""
    named = row.detail.get(name, ())
    return tuple(map(str, named if isinstance(named, list | tuple) else ()))


def parts_of(case: Case, timeline: Iterable[Happening]) -> tuple[ShownPart, ...]:
    """Every part that was asked for in that history, the oldest first; none is lost with the department that asked."""
    parts: list[ShownPart] = []
    for row in timeline:
        if row.event == Action.ASK_PART:
            parts += _asked(row)
        elif row.event in (Action.PART, Action.WITHDRAW_PART):
            parts = [_settled(part, row) for part in parts]
    waiting = {part.department: part.asked_at for part in case.asks.parts}
    matters = {part.department for part in case.asks.parts if part.is_matter}
    shown = [_standing(part, waiting) for part in parts]
    return tuple(
        msgspec.structs.replace(part, is_matter=part.state == "asked" and part.department in matters)
        for part in shown
    )


def _asked(row: Happening) -> list[ShownPart]:
    until, item = row.detail.get("until"), row.detail.get("item")
    return [
        ShownPart(
            department=DepartmentCode(code), text=row.text, asked_at=row.at, state="asked",
            until=datetime.fromisoformat(str(until)) if until else None, item=ItemCode(str(item)) if item else None,
        )
        for code in _named(row)
    ]  # fmt: skip


def _named(row: Happening) -> tuple[str, ...]:
    """The departments that the row is about."""
    one = row.detail.get("department")
    return (str(one),) if one else _codes(row, "departments")


def _settled(part: ShownPart, row: Happening) -> ShownPart:
    if part.state != "asked" or part.department not in _named(row):
        return part
    if row.event == Action.WITHDRAW_PART:
        return msgspec.structs.replace(part, state="withdrawn", answered_at=row.at)
    return msgspec.structs.replace(part, state="done", answer=row.text, answered_at=row.at)


def _standing(part: ShownPart, waiting: Mapping[DepartmentCode, datetime]) -> ShownPart:
    is_over = part.state == "asked" and waiting.get(part.department) != part.asked_at
    return msgspec.structs.replace(part, state="lapsed") if is_over else part
