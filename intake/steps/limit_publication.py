"""Staff decide what everybody else reads of a case: nothing of it, or all but some words. The citizen's own word stays."""

from base64 import b64decode, b64encode
from typing import NamedTuple

from msgspec.structs import replace

from intake.core.codes import parse_tracking_code
from intake.core.keys import IntakeKeys
from intake.core.publication import (
    ChosenLimit,
    LimitedCase,
    PublicationLimit,
    PublicTexts,
    checked,
    idle_words,
)
from intake.core.sealing import Personal, declared_in, seal, unseal
from intake.core.search.bigrams import bigrams
from intake.core.view import TimelineEntry
from intake.store import publication as store
from intake.store import published, remasking, view
from schemas.errors import NotFound, StaleVersion
from schemas.events.intake import PublicationLimited
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.masking import declared_by, for_department, for_public
from schemas.masking.chosen import hide_words
from schemas.ports import Unit
from schemas.words import Role


class Publication(NamedTuple):
    """A case, the words that are hidden in it, and what everybody reads of it, or would.

    `texts`: the message alone before there is an answer for others. `idle`: words that hide nothing in them, mistyped or of
    an answer that is still to come.
    """

    case: LimitedCase
    hidden: tuple[str, ...]
    texts: PublicTexts | None
    idle: tuple[str, ...]


async def find_case_id(unit: Unit, keys: IntakeKeys, typed_code: str) -> CaseId:
    """The case with this tracking code, however it was typed.

    Raises:
        CodeMistyped: no code of ours.
        NotFound: there is no such case.
    """
    found = await view.find_view(unit.db, parse_tracking_code(keys.code_secrets, typed_code))
    if found is None:
        raise NotFound
    return found.case_id


async def read_publication(unit: Unit, keys: IntakeKeys, case_id: CaseId, *, who: Principal) -> Publication:
    """What everybody reads of the case, and what staff decided of it.

    Raises:
        NotFound: there is no such case, or nobody else ever reads of it. For who only watches also where no answer of it is
            for others: what was hidden in a case that is protected since may be whom it accuses.
        DataRefused: what is personal in it is sealed under a key that is not ours.
    """
    case = await _shown_to(unit, case_id, who)
    declared = declared_in(keys, case_id, case.sealed)
    read = case.texts if case.stands_in is not None else case.ahead
    plain = read(replace(declared, hidden=()))
    idle = () if plain is None else idle_words(declared.hidden, plain)
    return Publication(case, declared.hidden, case.shown or case.ahead(declared), idle)


async def _shown_to(unit: Unit, case_id: CaseId, who: Principal) -> LimitedCase:
    case = await store.find_case(unit.db, case_id)
    if case is None or case.confidential or (who.role is Role.SUPERVISOR and case.stands_in is None):
        raise NotFound
    return case


async def limit_publication(
    unit: Unit, keys: IntakeKeys, case_id: CaseId, decision: ChosenLimit, *, by: Principal
) -> Publication:
    """Decide it. What is hidden or withheld is so at once; what is lifted shows again where the citizen allows it.

    Raises:
        NotFound: as `read_publication`.
        StaleVersion: somebody else decided since `decision.version`.
        BadInput: a word stands nowhere, or there is no reason.
    """
    # Only what there is has a row to lock; what was read before that may have been changed meanwhile.
    await _shown_to(unit, case_id, by)
    await view.lock_view(unit.db, case_id)
    case = await _shown_to(unit, case_id, by)
    if decision.version != case.number:
        raise StaleVersion(current=case.number)
    declared = declared_in(keys, case_id, case.sealed)
    decision = checked(decision, case.texts(replace(declared, hidden=())), declared.hidden)
    limit = PublicationLimit(
        number=case.number + 1,
        is_withheld=decision.is_withheld,
        hides_pictures=decision.hides_pictures,
        hidden_words=len(decision.hidden),
        reason=for_department(decision.reason, official=True),
        decided_by=by.name,
        decided_at=unit.now,
    )
    await _decide(unit, keys, case, limit, decision.hidden)
    new = tuple(word for word in decision.hidden if word not in declared.hidden)
    if new:
        await _hide_in_its_title(unit, keys, case_id, limit, new)
    return await read_publication(unit, keys, case_id, who=by)


async def _hide_in_its_title(
    unit: Unit, keys: IntakeKeys, case_id: CaseId, limit: PublicationLimit, new: tuple[str, ...]
) -> None:
    """Hide the words in the cases of whoever said “me too”, too: they stand under the title that everybody read then.

    And in those of whoever said so of theirs: nobody can before a case is there, so that this ends.
    """
    titles = await store.titles_of_same(unit.db, case_id)
    for same_id in sorted(same for same, title in titles.items() if hide_words(title, new) != title):
        await view.lock_view(unit.db, same_id)
        same = await store.find_case(unit.db, same_id)
        if same is None:
            continue
        hidden = tuple(dict.fromkeys((*declared_in(keys, same_id, same.sealed).hidden, *new)))
        of_same = replace(
            limit,
            number=same.number + 1,
            is_withheld=same.is_withheld,
            hides_pictures=same.hides_pictures,
            hidden_words=len(hidden),
        )
        await _decide(unit, keys, same, of_same, hidden)
        await _hide_in_its_title(unit, keys, same_id, limit, new)


async def limit_again(unit: Unit, keys: IntakeKeys, event: PublicationLimited) -> bool:
    """Decide once more what a restored copy does not know; whether it stands there now. A later decision stays."""
    case = await store.find_case(unit.db, event.case_id)
    if case is None:
        return False
    if case.limits and case.limits[-1].decided_at >= event.at:
        if case.limits[-1].decided_at == event.at:
            # This very decision; whoever else forgot it hears it again.
            unit.emit(event)
        return True
    words = unseal(keys, event.case_id, b64decode(event.sealed)).hidden if event.sealed else ()
    limit = PublicationLimit(
        number=case.number + 1,
        is_withheld=event.withheld,
        hides_pictures=event.without_pictures,
        hidden_words=len(words),
        reason=event.reason,
        decided_by=event.by,
        decided_at=event.at,
    )
    await _decide(unit, keys, case, limit, words)
    return True


async def _decide(
    unit: Unit, keys: IntakeKeys, case: LimitedCase, limit: PublicationLimit, hidden: tuple[str, ...]
) -> None:
    await store.keep_limit(unit.db, case.case_id, limit)
    personal = Personal() if case.sealed is None else unseal(keys, case.case_id, case.sealed)
    hides_otherwise = personal.hidden != hidden
    if hides_otherwise and not case.is_forgotten:
        sealed = seal(keys, case.case_id, replace(personal, hidden=hidden))
        await store.keep_sealed(unit.db, case.case_id, sealed)
    declared = replace(declared_by(personal.contact), hidden=hidden)
    if case.stands_in is not None and (texts := case.texts(declared)) is not None:
        words = bigrams(texts.title, texts.text, texts.response)
        shown = remasking.Remasked(
            case_id=case.case_id, title=texts.title, text=texts.text, response=texts.response, words=words
        )
        await remasking.replace(unit.db, case.stands_in, [shown])
        await published.note_change(unit.db, case.stands_in, case.case_id, limit.decided_at)
    if hides_otherwise and case.response is not None:
        copies = await store.lock_copies(unit.db, case.case_id)
        # Of a citizen who was forgotten nobody knows any more whom the answer may not name: it is hidden already.
        response = None if case.is_forgotten else for_public(case.response, declared, official=True)
        shown_again = {
            same: hide_words(copy, hidden) if response is None else response for same, copy in copies.items()
        }
        await store.replace_copies(unit.db, shown_again)
    is_allowed = case.may_publish and not limit.is_withheld
    if limit.is_withheld != case.is_withheld:
        line = "office_withheld" if limit.is_withheld else "office_allowed"
        await view.add_line(unit.db, case.case_id, TimelineEntry(at=limit.decided_at, event=line))
        move = published.show_answer if is_allowed else published.hide_answer
        await move(unit.db, case.case_id, limit.decided_at)
    unit.emit(
        PublicationLimited(
            case_id=case.case_id,
            version=case.version,
            at=limit.decided_at,
            withheld=limit.is_withheld,
            without_pictures=limit.hides_pictures,
            allowed=is_allowed,
            sealed=_sealed(keys, case.case_id, hidden),
            reason=limit.reason,
            by=limit.decided_by,
        )
    )


def _sealed(keys: IntakeKeys, case_id: CaseId, hidden: tuple[str, ...]) -> str:
    return b64encode(seal(keys, case_id, Personal(hidden=hidden))).decode() if hidden else ""
