"""What handlers hears: the other slices' events in one group, the departments' commands in another."""

from collections.abc import Mapping, Sequence
from functools import partial

from handlers.core.actions import ACTIONS
from handlers.core.commands import CommandKeys
from handlers.core.faulty_commands import FaultyCommand, read_faulty
from handlers.steps import act_on_case, assign, handle_events
from handlers.steps.held_entries import handle_limits
from schemas import topics
from schemas.attachments import NamedFiles
from schemas.city import City
from schemas.events.call_backs import CallBackDone
from schemas.events.commands import AttachFiles, Command
from schemas.events.exclusions import ExclusionMoved
from schemas.events.intake import CitizenObjected, CitizenRated, PublicationLimited
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    CaseRouted,
    CaseUnmerged,
    DecisionUndone,
    MergeRequested,
    RecallRequested,
    ReviewDecided,
    ReviewRequested,
    SupplementJudged,
    WithdrawalJudged,
)
from schemas.events.sla import BreachWithdrawn, CaseUrged, DeadlineMissed, DeadlineSet, PauseEnded
from schemas.events.supervision import OrderAccepted
from schemas.events.tags import TagsCorrected
from schemas.events.undone import UndoRequested
from schemas.ports import Handler, Subscription

#: Each consumer group and the topics that it reads: known without what its steps need.
GROUPS: Mapping[str, Sequence[str]] = {
    "handlers": (topics.ROUTING, topics.INTAKE, topics.SLA),
    "handlers.commands": (topics.COMMANDS,),
}


def subscriptions(
    *, city: City, command_keys: CommandKeys, files: NamedFiles | None = None
) -> tuple[Subscription, ...]:
    """The two consumer groups: what departments' systems send must never delay what the other slices say."""
    commands: list[type[Command]] = [
        *(action.command for action in ACTIONS.values()),
        AttachFiles,
        FaultyCommand,
    ]
    obey = partial(act_on_case.obey_commands, city=city, keys=command_keys, files=files)
    return (
        Subscription(
            name="handlers",
            topics=GROUPS["handlers"],
            handlers=(
                Handler(event=CaseRouted, step=assign.open_cases),
                Handler(event=ReviewRequested, step=handle_events.protect_cases),
                # From routing, not from intake: nobody may read of an accusation against themselves.
                Handler(event=SupplementJudged, step=handle_events.supplement_cases),
                Handler(event=ReviewDecided, step=partial(handle_events.decide_reviews, city=city)),
                Handler(event=CaseDeclined, step=handle_events.decline_cases),
                Handler(event=CaseMerged, step=handle_events.merge_cases),
                Handler(event=MergeRequested, step=handle_events.merge_cases),
                Handler(event=CaseUnmerged, step=handle_events.unmerge_cases),
                Handler(event=RecallRequested, step=handle_events.recall_cases),
                Handler(event=UndoRequested, step=handle_events.undo_decisions),
                Handler(event=DecisionUndone, step=handle_events.undo_refusals),
                Handler(event=TagsCorrected, step=handle_events.correct_tags),
                Handler(event=WithdrawalJudged, step=handle_events.withdraw_cases),
                # Of these two that they happened, and no word: what the citizen wrote comes as `supplement.judged`.
                Handler(event=CitizenRated, step=handle_events.remember_ratings),
                Handler(event=CitizenObjected, step=handle_events.reopen_cases),
                Handler(event=PublicationLimited, step=handle_limits),
                Handler(event=DeadlineSet, step=handle_events.set_deadlines),
                Handler(event=DeadlineMissed, step=handle_events.miss_deadlines),
                Handler(event=BreachWithdrawn, step=handle_events.withdraw_breaches),
                Handler(event=PauseEnded, step=handle_events.end_pauses),
                Handler(event=CaseUrged, step=handle_events.count_urgings),
                Handler(event=OrderAccepted, step=handle_events.accept_reports),
                Handler(event=CallBackDone, step=handle_events.handle_call_backs),
                Handler(event=ExclusionMoved, step=handle_events.handle_exclusions),
            ),
        ),
        Subscription(
            name="handlers.commands",
            topics=GROUPS["handlers.commands"],
            handlers=tuple(Handler(event=command, step=obey) for command in commands),
            validate_senders=partial(act_on_case.validate_commands, city=city, keys=command_keys),
            read_faulty=read_faulty,
        ),
    )
