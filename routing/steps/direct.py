"""Direct answers (直接答复): given by one dispatcher, some of them read again by another."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from routing.core.decisions.direct import ReadingOver, SecondReading, WaitingReading, answer_of, is_read_again
from routing.core.decisions.outcome import check_is_meant, check_words
from routing.core.decisions.refusals import objection_to_refusal_until
from routing.core.decisions.review import Decision, Item, RoutingCase
from routing.steps import announcements
from routing.steps.decided import Decided, stands
from routing.steps.reopening import open_again
from routing.store import cases, items, readings, told
from routing.store.items import Closed
from schemas.city import City
from schemas.errors import NotFound, named_wrong
from schemas.events.routing import AnswerRecalled
from schemas.ids import CaseId
from schemas.ports import LiveEntries, Unit
from schemas.words import CaseState, ReviewKind

#: Answers on the page of those that wait to be read again (project choice: read at one sitting).
_SHOWN = 25


async def answer(
    unit: Unit,
    city: City,
    case: RoutingCase,
    every: Sequence[Item],
    item: Item,
    decision: Decision,
    by: str,
    entries: LiveEntries | None,
    sample_key: bytes | None,
) -> Decided:
    """Answer an enquiry from a knowledge entry and close it; it is locked, with every item that it ever had.

    `sample_key`: what decides which answers are read again.

    Raises:
        BadInput: not such a case, no such entry, or another way is chosen besides.
    """
    said = decision.answer
    if (
        said is None
        or decision.lead
        or decision.merge_into
        or decision.decline
        or decision.accept is not None
    ):
        raise named_wrong(
            "answer", "直接答复不能同时派单、并单或不予受理。", "An answer is the only way chosen."
        )
    check_words("remarks", decision.remarks)
    entry = await entries.find(unit, said.entry_id) if entries else None
    outcome = answer_of(case, every, item, said, entry)
    check_is_meant(case, item, decision)
    if await cases.has_merged(unit.db, case.case_id):
        raise named_wrong(
            "answer", "已有其他件并入本件，请派单。", "Other cases were merged into this one: dispatch it."
        )
    await items.close_items(unit.db, [Closed(item=item, by=by, accepted=True)], unit.now)
    await items.note_entry(unit.db, item, outcome.entry.entry_id, outcome.entry.owner)
    others = [each for each in every if each.state == "open" and each is not item]
    await items.supersede_these(unit.db, others, unit.now)
    after = replace(case, version=item.version + 1, decided_by=by, state="answered")
    await cases.save(unit.db, after)
    await cases.keep_responses(unit.db, {case.case_id: outcome.response}, {})
    if item.kind is ReviewKind.OBJECTION:
        unit.emit(announcements.reviewed(unit, item, by, decision.remarks, accepted=True))
    until = objection_to_refusal_until(every, unit.now, city.zone)
    answered = announcements.answered(unit, after, outcome, by, until)
    unit.emit(answered)
    await told.keep(unit, announcements.told_in(answered))
    if is_read_again(case.case_id, sample_key):
        await readings.ask(unit.db, case.case_id, after.version, outcome.entry.entry_id, by, unit.now)
    return stands(after, after.version)


async def list_readings(unit: Unit, by: str) -> Sequence[WaitingReading]:
    """Direct answers of others that wait to be read again, the oldest first."""
    return await readings.waiting(unit.db, by, _SHOWN)


async def read_again(
    unit: Unit, case_id: CaseId, version: int, found: SecondReading, by: str, *, is_person: bool = True
) -> Decided:
    """Say whether another's direct answer is right; a wrong one is recalled, and the case waits for a decision.

    Raises:
        NotFound: none was theirs to read.
        ReadingOver: it waits no longer.
        BadInput: a wrong one needs a reason, and whoever reads is a person.
    """
    if not is_person:
        raise named_wrong(
            "Acting-For",
            "请说明代表哪位派单员复核。",
            "Say for which dispatcher you ask: another one reads it again.",
        )
    case = (await cases.lock_cases(unit.db, [case_id])).get(case_id)
    answered_by = await readings.answered_by(unit.db, case_id, version, by) if case else None
    if case is not None and await readings.was_found(unit.db, case_id, version, by, is_right=found.is_right):
        # The same form, sent twice.
        return stands(case, case.version)
    if case is None or answered_by is None:
        raise ReadingOver if await readings.was_offered(unit.db, case_id, version, by) else NotFound
    check_words("remarks", found.remarks)
    if not found.is_right and not found.remarks.strip():
        raise named_wrong("remarks", "请写明哪里不对。", "Say what is wrong.")
    await readings.close(
        unit.db, case_id, version, by, unit.now, found.remarks.strip(), is_right=found.is_right
    )
    what: told.What = "right" if found.is_right else "wrong"
    await told.keep(
        unit,
        told.DispatcherSaid(
            case_id=case_id, version=version, what=what, at=unit.now, by=by, words=found.remarks.strip()
        ),
    )
    if found.is_right:
        return stands(case, case.version)
    after = await open_again(unit, case, case.version, {"reason": found.remarks.strip(), "recalled": True})
    unit.emit(
        AnswerRecalled(
            case_id=case_id, version=after.version, at=unit.now, state=CaseState.IN_REVIEW, decided_by=by
        )
    )
    return stands(after, after.version)


async def count_enquiries(unit: Unit, since: datetime) -> tuple[int, int]:
    """How many enquiries came since then, and how many of them an entry answered directly; none that is kept from view."""
    return await readings.enquiries(unit.db, since)
