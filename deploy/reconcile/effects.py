"""Matches what a department's system asked for with what came of it, so that a restored effect is not done again."""

from collections.abc import Mapping, Sequence

from deploy.reconcile.deeds import LostDeed
from deploy.reconcile.fates import EventFate
from handlers.core.actions import ACTIONS
from schemas.event import Event
from schemas.events.commands import Command
from schemas.ids import EventId

#: What each command says once it is done, of what people at the desk say as well.
_SAYS: Mapping[type[Command], type[Event]] = {
    action.command: action.says for action in ACTIONS.values() if action.says is not None
}


def effects_of(deeds: Sequence[LostDeed]) -> Mapping[EventId, Sequence[LostDeed]]:
    """By a lost command's id: the listed deeds that it was; of one that nobody signed none, or a forged one would hide them.

    Of several that fit (people did the same) those of the moment nearest to it: all that one command says is of one moment.
    """
    free = {deed.event_id: deed for deed in deeds if deed.fate is EventFate.LISTED}
    found: dict[EventId, Sequence[LostDeed]] = {}
    for deed in deeds:
        command = deed.event
        if isinstance(command, Command):
            fitting = [each for each in free.values() if deed.is_believed and _fits(each.event, command)]
            nearest = min(
                (each.event.at for each in fitting), key=lambda at: abs(at - command.at), default=None
            )
            found[deed.event_id] = [each for each in fitting if each.event.at == nearest]
            for each in found[deed.event_id]:
                del free[each.event_id]
    return found


def _fits(event: Event, command: Command) -> bool:
    """Where a command moves its case, the event has the next version."""
    is_said = type(event) is _SAYS.get(type(command)) and event.case_id == command.case_id
    return is_said and event.version - command.version in (0, 1)


def for_people(deeds: Sequence[LostDeed], undone: Sequence[LostDeed]) -> Sequence[LostDeed]:
    """What is somebody's to do again, the oldest first. `undone`: those that could not be brought back."""
    failed = {deed.event_id for deed in undone}
    brought = {each.event_id for by, made in effects_of(deeds).items() if by not in failed for each in made}
    listed = [deed for deed in deeds if deed.fate is EventFate.LISTED and deed.event_id not in brought]
    return sorted([*listed, *undone], key=lambda deed: deed.event.at)
