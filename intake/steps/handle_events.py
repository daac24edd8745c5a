"""Keep what the citizen sees in step with what the other slices say, and publish the answers that may be."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from intake.core.following.view_changes import change_of, deadline_entry
from intake.core.keys import IntakeKeys
from intake.core.sealing import declared_in
from intake.core.search.bigrams import bigrams
from intake.store import me_too as me_too_store
from intake.store import promises as promise_store
from intake.store import published as published_store
from intake.store import view as store
from intake.store.file_rights import show_with_answers, show_with_merged_answers
from schemas.event import Event
from schemas.events.call_backs import CallBackDone
from schemas.events.handlers import CaseProtected, ReplyPublished
from schemas.events.routing import (
    AnswerRecalled,
    CaseAnswered,
    CaseShielded,
    DecisionUndone,
    MergedAnswered,
    ReviewRequested,
    WithdrawalConfirmed,
)
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId
from schemas.masking import for_public
from schemas.ports import Unit


async def update_views(unit: Unit, events: Sequence[Event]) -> None:
    """Bring the citizen's view of each case to the newer state, with a line in its timeline."""
    changes = [(event.case_id, event.version, event.at, change_of(event)) for event in events]
    if kept := [case for case, _, _, change in changes if change.forgets_withdrawal]:
        await store.forget_withdrawals(unit.db, kept)
    await store.apply_changes(unit.db, changes)
    if forgotten := [(case, version) for case, version, _, change in changes if change.forgets_deadline]:
        await store.forget_deadlines(unit.db, forgotten)


async def handle_deadlines(unit: Unit, events: Sequence[DeadlineSet]) -> None:
    """Show each citizen the newest deadline of their case."""
    await store.set_deadlines(unit.db, [(event, deadline_entry(event)) for event in events])


async def handle_protected(unit: Unit, events: Sequence[CaseProtected]) -> None:
    """Hide cases that accuse officials from everybody but their citizens, also if they were published before."""
    await update_views(unit, events)
    await _hide(unit, [event.case_id for event in events])


async def _hide(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    await published_store.delete_answers(unit.db, case_ids)
    await promise_store.hide(unit.db, case_ids)
    await me_too_store.forget(unit.db, case_ids)


async def handle_shielded(unit: Unit, events: Sequence[CaseShielded]) -> None:
    """Hide cases that accuse somebody since: nobody else reads of them, and they count in no number beside others.

    No department had it, so that nothing else says so: a direct answer was for everybody, a promise may stand.
    """
    await _hide(unit, [event.case_id for event in events])


async def handle_taken_back(unit: Unit, events: Sequence[WithdrawalConfirmed]) -> None:
    """Show that the citizens took their cases back, and count them no more among those to whom a matter happened, too."""
    await update_views(unit, events)
    await me_too_store.forget(unit.db, [event.case_id for event in events])


async def handle_replies(unit: Unit, events: Sequence[ReplyPublished], *, keys: IntakeKeys) -> None:
    """Show each citizen the answer; and everybody, where it may be public and the citizen allows it."""
    await update_views(unit, events)
    await show_with_answers(unit.db, events)
    # What was said before `publishable` was, and is public, is publishable.
    publishable = [event for event in events if event.publishable or event.public]
    if publishable:
        await _keep_publishable(unit, publishable, keys)
    if private := [event.case_id for event in events if not (event.publishable or event.public)]:
        await published_store.delete_answers(unit.db, private)


async def handle_reviews(unit: Unit, events: Sequence[ReviewRequested]) -> None:
    """A dispatcher decides: show it. What accuses officials since is hidden from all others, though no department has it."""
    await update_views(unit, events)
    if private := [event.case_id for event in events if event.protected]:
        await published_store.delete_answers(unit.db, private)
        await me_too_store.forget(unit.db, private)


async def handle_direct_answers(unit: Unit, events: Sequence[CaseAnswered], *, keys: IntakeKeys) -> None:
    """Show each citizen the dispatcher's answer; and everybody, where the citizen allows it."""
    await update_views(unit, events)
    await _keep_publishable(unit, [event for event in events if event.publishable], keys)


async def handle_recalled(unit: Unit, events: Sequence[AnswerRecalled]) -> None:
    """Hide answers that were found wrong from everybody else, and show the citizens that they are looked into."""
    await update_views(unit, events)
    await published_store.delete_answers(unit.db, [event.case_id for event in events])


async def handle_undone(unit: Unit, events: Sequence[DecisionUndone]) -> None:
    """Hide outcomes that were taken back from everybody else. A promise of before stays ended, as it has at the desk."""
    await update_views(unit, events)
    await published_store.delete_answers(unit.db, [event.case_id for event in events])


async def handle_call_backs(unit: Unit, events: Sequence[CallBackDone]) -> None:
    """Show each citizen what came of the call; where the answer settled nothing, its readers see that another is to come."""
    await update_views(unit, events)
    for event in events:
        if event.redo:
            await published_store.mark_objected(unit.db, event.case_id, event.at)


async def handle_merged_answers(unit: Unit, events: Sequence[MergedAnswered], *, keys: IntakeKeys) -> None:
    """Show each citizen the answer of the case that theirs was merged into, and the files that came with it.

    Whom the department answered there is nobody else's to learn: what that citizen declared is hidden.
    """
    into = await store.merged_into(unit.db, [event.case_id for event in events])
    whose = {event.case_id: event.into or into.get(event.case_id) for event in events}
    # Staff may hide words of that answer at this moment: theirs are known then, or these rows to them.
    answering = [each for each in whose.values() if each]
    await store.lock_views(unit.db, answering)
    messages = await published_store.messages_of(unit.db, answering)
    shown = [_of_another(event, whose[event.case_id], messages, keys) for event in events]
    await update_views(unit, shown)
    await show_with_merged_answers(unit.db, events)


def _of_another(
    event: MergedAnswered,
    into: CaseId | None,
    messages: Mapping[CaseId, published_store.MaskedMessage],
    keys: IntakeKeys,
) -> MergedAnswered:
    message = messages.get(into) if into else None
    if into is None or message is None:
        return event
    if message.is_forgotten:
        return replace(event, response="")
    declared = declared_in(keys, into, message.sealed)
    return replace(event, response=for_public(event.response, declared, official=True))


async def _keep_publishable(
    unit: Unit, events: Sequence[ReplyPublished | CaseAnswered], keys: IntakeKeys
) -> None:
    """Publish these answers where the citizens said yes; keep the others aside until they do.

    Those to citizens who were forgotten are neither: what was published before, masked, stays.
    """
    messages = await published_store.messages_of(unit.db, [event.case_id for event in events])
    answers = [
        (message.may_publish, _answer(event, message, keys))
        for event in events
        # What comes late, as a dead letter does, is nothing to publish: the case may be private since, or reopened.
        if (message := messages.get(event.case_id)) is not None
        and event.version >= message.version
        and not message.is_forgotten
    ]
    if shown := [answer for is_allowed, answer in answers if is_allowed]:
        await published_store.upsert_answers(unit.db, shown)
    if withheld := [answer for is_allowed, answer in answers if not is_allowed]:
        await published_store.withhold_answers(unit.db, withheld)


def _answer(
    event: ReplyPublished | CaseAnswered, message: published_store.MaskedMessage, keys: IntakeKeys
) -> published_store.Answer:
    """Not for everybody: what the department's view keeps, homes above all, and what the department calls the citizen."""
    declared = declared_in(keys, event.case_id, message.sealed)
    title, text = for_public(message.title, declared), for_public(message.text, declared)
    response = for_public(event.response, declared, official=True)
    return published_store.Answer(
        event=event, title=title, text=text, response=response, words=bigrams(title, text, response)
    )
