"""What handlers hears: the other slices' events in one group, the departments' commands in another."""

from functools import partial

from handlers.commands import CommandKeys
from handlers.steps import desk, news, opening
from schemas import topics
from schemas.city import City
from schemas.event import Event
from schemas.events import commands
from schemas.events.intake import CaseSupplemented, CaseWithdrawn, CitizenObjected, CitizenRated
from schemas.events.routing import CaseDeclined, CaseMerged, CaseRouted, ReviewDecided
from schemas.events.sla import CaseUrged, DeadlineMissed, DeadlineSet
from schemas.ports import Hears, Subscription

_COMMANDS: tuple[type[Event], ...] = (
    commands.SignCase,
    commands.ReturnCase,
    commands.ReplyToCase,
    commands.ExtendCase,
    commands.SuspendCase,
    commands.ResumeCase,
    commands.CoHandleCase,
    commands.NoteOnCase,
)


def subscriptions(*, city: City, command_keys: CommandKeys) -> tuple[Subscription, ...]:
    """Handlers' two consumer groups."""
    obey = partial(desk.obey_commands, city=city, keys=command_keys)
    return (
        Subscription(
            name="handlers",
            topics=(topics.ROUTING, topics.INTAKE, topics.SLA),
            hears=(
                Hears(event=CaseRouted, step=opening.open_cases),
                Hears(event=ReviewDecided, step=news.decide_reviews),
                Hears(event=CaseDeclined, step=news.decline_cases),
                Hears(event=CaseMerged, step=news.merge_cases),
                Hears(event=CaseWithdrawn, step=news.withdraw_cases),
                Hears(event=CaseSupplemented, step=news.supplement_cases),
                Hears(event=CitizenRated, step=news.remember_ratings),
                Hears(event=CitizenObjected, step=news.reopen_cases),
                Hears(event=DeadlineSet, step=news.set_deadlines),
                Hears(event=DeadlineMissed, step=news.miss_deadlines),
                Hears(event=CaseUrged, step=news.count_urgings),
            ),
        ),
        Subscription(
            name="handlers.commands",
            topics=(topics.COMMANDS,),
            hears=tuple(Hears(event=command, step=obey) for command in _COMMANDS),
            vet=partial(desk.vet_commands, city=city, keys=command_keys),
        ),
    )
