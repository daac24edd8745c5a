"""Staff decide what everybody else reads of a case: nothing of it, or all but some words. The citizen's own word stays."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from intake.core.codes import parse_tracking_code
from intake.core.following.view import TimelineEntry
from intake.core.keys import IntakeKeys
from intake.core.no_words import SAME
from intake.core.public.entries import PublicEntry
from intake.core.public.publication import (
    ChosenLimit,
    LimitedCase,
    PublicationLimit,
    PublicTexts,
    checked,
    checked_pictures,
    idle_words,
    telling_runs,
    told_again,
    words_in,
)
from intake.core.sealing import Personal, declared_in, seal, unseal
from intake.core.search.bigrams import bigrams
from intake.store import entries as public_entries
from intake.store import publication as store
from intake.store import published, remasking, view
from intake.store.file_rights import offered_pictures
from schemas.errors import NotFound, StaleVersion
from schemas.events.intake import PublicationLimited
from schemas.http import Principal
from schemas.ids import CaseId, TrackingCode
from schemas.masking import Declared, declared_by, for_department, for_public
from schemas.masking.chosen import hide_words
from schemas.ports import CaseEntries, Unit
from schemas.values import Attachment, MadeEntry
from schemas.words import Role

#: Cases of “me too” that are decided on in one statement (project choice: a few megabytes).
_AT_ONCE = 500
#: Of those in which words stay hidden: how many are looked at, for a person who reads them (project choice).
_LOOKED_AT = 100


class Publication(NamedTuple):
    """A case, the words that are hidden in it, and what everybody reads of it, or would.

    `texts`: the message alone before there is an answer for others. `idle`: words that hide nothing in them, mistyped or of
    an answer that is still to come. `kept`: cases of “me too” in which words that this one shows stay hidden. `made`:
    entries that were made from it, with the hidden words that they hold. `pictures`: that stand beside it, hidden or not.
    `titled`: public cases of “me too” that stand under its title though it is withheld. `saying`: other public entries that
    say a hidden word, or of a withheld case the same in whole runs; with those.
    """

    case: LimitedCase
    hidden: tuple[str, ...]
    texts: PublicTexts | None
    idle: tuple[str, ...]
    kept: Sequence[tuple[LimitedCase, tuple[str, ...]]] = ()
    made: Sequence[tuple[MadeEntry, tuple[str, ...]]] = ()
    pictures: Sequence[Attachment] = ()
    titled: Sequence[TrackingCode] = ()
    saying: Sequence[tuple[PublicEntry, tuple[str, ...]]] = ()


class DecidedLimit(NamedTuple):
    """A case, what is decided of it, and all words that are hidden in it from now on."""

    case: LimitedCase
    limit: PublicationLimit
    hidden: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether everybody may read its answer: its citizen says so, and staff do."""
        return self.case.may_publish and not self.limit.is_withheld

    def hides_more(self, before: Sequence[str]) -> bool:
        """Whether more of it is kept from everybody than while these words were hidden."""
        is_new = any(word not in before for word in self.hidden)
        return is_new or (self.limit.is_withheld and not self.case.is_withheld)


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


async def read_publication(
    unit: Unit, keys: IntakeKeys, case_id: CaseId, *, who: Principal, entries: CaseEntries | None = None
) -> Publication:
    """What everybody reads of the case, and what staff decided of it. `entries`: who knows what was made of it, if anybody.

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
    made = await entries.of(unit, [case_id]) if entries else ()
    # What everybody reads is this slice's to say: handlers hears a moment later that an entry is held back.
    known = await public_entries.known(unit.db, [one.entry_id for one in made])
    kept = (*declared.hidden, *(telling_runs(case) if case.is_withheld else ()))
    saying = await public_entries.saying(unit.db, kept, unit.now, _LOOKED_AT) if kept and entries else ()
    made = [replace(one, is_public=known.get(one.entry_id, (0, False))[1]) for one in made]
    return Publication(
        case=case,
        hidden=declared.hidden,
        texts=case.shown or case.ahead(declared),
        idle=idle,
        kept=await _kept_in_titles(unit, keys, case_id, declared.hidden),
        pictures=await offered_pictures(unit.db, case_id),
        titled=await store.public_under_title(unit.db, case_id, _LOOKED_AT) if case.is_withheld else (),
        made=[(one, words_in("\n".join(one.texts), declared.hidden)) for one in made],
        saying=[
            (one, words)
            for one in saying
            if one.entry_id not in known and (words := words_in("\n".join(one.content.texts), kept))
        ],
    )


async def _kept_in_titles(
    unit: Unit, keys: IntakeKeys, case_id: CaseId, hidden: tuple[str, ...]
) -> Sequence[tuple[LimitedCase, tuple[str, ...]]]:
    """The cases of “me too” in whose own words something was hidden that this one shows: it is so in its title, too."""
    some = await store.same_in_own_words(unit.db, case_id, SAME, _LOOKED_AT)
    found = []
    for same in (await store.find_cases(unit.db, some)).values() if some else ():
        there = declared_in(keys, same.case_id, same.sealed).hidden
        words = words_in(same.title, [word for word in there if word not in hidden])
        if words:
            found.append((same, words))
    return found


async def _shown_to(unit: Unit, case_id: CaseId, who: Principal) -> LimitedCase:
    case = await store.find_case(unit.db, case_id)
    if case is None or case.confidential or (who.role is Role.SUPERVISOR and case.stands_in is None):
        raise NotFound
    return case


async def limit_publication(
    unit: Unit,
    keys: IntakeKeys,
    case_id: CaseId,
    decision: ChosenLimit,
    *,
    by: Principal,
    entries: CaseEntries | None = None,
) -> Publication:
    """Decide it. What is hidden or withheld is so at once; what is lifted shows again where the citizen allows it.

    Raises:
        NotFound: as `read_publication`.
        StaleVersion: somebody else decided since `decision.version`.
        BadInput: a word stands nowhere, a picture is none of the case's, or there is no reason.
    """
    # Only what there is has a row to lock; what was read before that may have been changed meanwhile.
    before = await _shown_to(unit, case_id, by)
    if {*decision.hidden} != {*declared_in(keys, case_id, before.sealed).hidden}:
        # Those in whose titles it shows, too, in one order: who registers others of them locks them in that.
        await view.lock_views(unit.db, await store.with_same(unit.db, case_id))
    await view.lock_view(unit.db, case_id)
    case = await _shown_to(unit, case_id, by)
    if decision.version != case.number:
        raise StaleVersion(current=case.number)
    declared = declared_in(keys, case_id, case.sealed)
    decision = checked(decision, case.texts(replace(declared, hidden=())), declared.hidden)
    pictures = checked_pictures(
        decision,
        [each.attachment_id for each in await offered_pictures(unit.db, case_id)],
        case.hidden_pictures,
    )
    limit = PublicationLimit(
        number=case.number + 1,
        is_withheld=decision.is_withheld,
        hides_pictures=decision.hides_pictures,
        hidden_pictures=pictures,
        hidden_words=len(decision.hidden),
        reason=for_department(decision.reason, official=True),
        decided_by=by.name,
        decided_at=unit.now,
    )
    new = tuple(word for word in decision.hidden if word not in declared.hidden)
    lifted = tuple(word for word in declared.hidden if word not in decision.hidden)
    more = await _decide(unit, keys, [DecidedLimit(case, limit, decision.hidden)])
    if new or lifted:
        more += await _follow_in_titles(unit, keys, case_id, limit, new, lifted)
    if more and entries:
        # Handlers hears of it, and has somebody look; meanwhile nobody else reads what was made of them.
        await public_entries.hide_entries(
            unit.db, [made.entry_id for made in await entries.of(unit, more) if made.is_public]
        )
    return await read_publication(unit, keys, case_id, who=by, entries=entries)


async def _follow_in_titles(
    unit: Unit,
    keys: IntakeKeys,
    case_id: CaseId,
    limit: PublicationLimit,
    new: tuple[str, ...],
    lifted: tuple[str, ...],
) -> list[CaseId]:
    """Hide the new words, and show the others again, in the cases of whoever said “me too”: these stand under its title.

    And in those of whoever said so of theirs: nobody can before a case is there, so that this ends. Returns the cases of
    which more is hidden now.
    """
    matters, more = [case_id], []
    while matters:
        titles = await store.same_of(unit.db, matters)
        matters = [same for same, title in titles.items() if hide_words(title, (*new, *lifted)) != title]
        for first in range(0, len(matters), _AT_ONCE):
            some = matters[first : first + _AT_ONCE]
            await view.lock_views(unit.db, some)
            same = await store.find_cases(unit.db, some)
            decided = [_followed(keys, one, limit, new, lifted) for one in same.values()]
            more += await _decide(unit, keys, [one for one in decided if one is not None])
    return more


def _followed(
    keys: IntakeKeys,
    same: LimitedCase,
    limit: PublicationLimit,
    new: tuple[str, ...],
    lifted: tuple[str, ...],
) -> DecidedLimit | None:
    """What is hidden in this case once its title is read as the matter's is; None where that is so already."""
    before = declared_in(keys, same.case_id, same.sealed).hidden
    left = [word for word in before if word not in lifted or same.says(word)]
    hidden = tuple(dict.fromkeys((*left, *(new if hide_words(same.title, new) != same.title else ()))))
    if hidden == before:
        return None
    own = replace(
        limit,
        number=same.number + 1,
        is_withheld=same.is_withheld,
        hides_pictures=same.hides_pictures,
        hidden_pictures=same.hidden_pictures,
        hidden_words=len(hidden),
    )
    return DecidedLimit(same, own, hidden)


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
        hidden_pictures=event.hidden_pictures,
        hidden_words=len(words),
        reason=event.reason,
        decided_by=event.by,
        decided_at=event.at,
    )
    await _decide(unit, keys, [DecidedLimit(case, limit, words)])
    return True


async def _decide(unit: Unit, keys: IntakeKeys, decided: Sequence[DecidedLimit]) -> list[CaseId]:
    """Keep these decisions, and show everybody what is left; in a few statements, however many they are.

    Returns the cases of which more is hidden now.
    """
    if not decided:
        return []
    await store.keep_limits(unit.db, [(one.case.case_id, one.limit) for one in decided])
    known = [_personal(keys, one.case) for one in decided]
    changed = [
        (one, personal) for one, personal in zip(decided, known, strict=True) if personal.hidden != one.hidden
    ]
    resealed = [
        (one.case.case_id, seal(keys, one.case.case_id, replace(personal, hidden=one.hidden)))
        for one, personal in changed
        if not one.case.is_forgotten
    ]
    if resealed:
        await store.keep_sealed(unit.db, resealed)
    for table in remasking.TABLES:
        await _show(
            unit,
            table,
            [pair for pair in zip(decided, known, strict=True) if pair[0].case.stands_in == table],
        )
    await _hide_in_copies(unit, [pair for pair in changed if pair[0].case.response is not None])
    more = []
    for one, personal in zip(decided, known, strict=True):
        await _move(unit, one)
        hides_more = one.hides_more(personal.hidden)
        more += [one.case.case_id] if hides_more else []
        unit.emit(_limited(keys, one, hides_more=hides_more))
    return more


def _personal(keys: IntakeKeys, case: LimitedCase) -> Personal:
    return Personal() if case.sealed is None else unseal(keys, case.case_id, case.sealed)


def _declared(personal: Personal, hidden: tuple[str, ...]) -> Declared:
    return replace(declared_by(personal.contact), hidden=hidden)


async def _show(unit: Unit, table: remasking.Table, read: Sequence[tuple[DecidedLimit, Personal]]) -> None:
    """Show what of these answers everybody reads, or would, from now on."""
    texts = [(one, one.case.texts(_declared(personal, one.hidden))) for one, personal in read]
    shown = [
        remasking.Remasked(
            case_id=one.case.case_id, title=said.title, text=said.text, response=said.response,
            words=bigrams(said.title, said.text, said.response),
        )
        for one, said in texts
        if said is not None
    ]  # fmt: skip
    if shown:
        await remasking.replace(unit.db, table, shown)
        await published.note_changes(
            unit.db, table, [(one.case.case_id, one.limit.decided_at) for one, _ in read]
        )


async def _hide_in_copies(unit: Unit, answers: Sequence[tuple[DecidedLimit, Personal]]) -> None:
    """Show the citizens of the cases that were merged into these what everybody reads of their answers."""
    of = {one.case.case_id: (one, _said(one, personal)) for one, personal in answers}
    copies = await store.lock_copies(unit.db, list(of)) if of else ()
    if copies:
        await store.replace_copies(unit.db, [_copied(copy, *of[copy.of]) for copy in copies])


def _said(one: DecidedLimit, personal: Personal) -> str | None:
    # Of a citizen who was forgotten nobody knows any more whom the answer may not name: it is hidden already.
    if one.case.is_forgotten or one.case.response is None:
        return None
    return for_public(one.case.response, _declared(personal, one.hidden), official=True)


def _copied(copy: store.AnswerCopy, one: DecidedLimit, said: str | None) -> store.AnswerCopy:
    response = hide_words(copy.response, one.hidden) if said is None else said
    timeline = told_again(copy.timeline, copy.response_at, response, one.hidden)
    return replace(copy, response=response, timeline=timeline)


async def _move(unit: Unit, one: DecidedLimit) -> None:
    if one.limit.is_withheld == one.case.is_withheld:
        return
    line = "office_withheld" if one.limit.is_withheld else "office_allowed"
    await view.add_line(unit.db, one.case.case_id, TimelineEntry(at=one.limit.decided_at, event=line))
    move = published.show_answer if one.is_allowed else published.hide_answer
    await move(unit.db, one.case.case_id, one.limit.decided_at)


def _limited(keys: IntakeKeys, one: DecidedLimit, *, hides_more: bool) -> PublicationLimited:
    case_id, limit = one.case.case_id, one.limit
    sealed = b64encode(seal(keys, case_id, Personal(hidden=one.hidden))).decode() if one.hidden else ""
    return PublicationLimited(
        case_id=case_id,
        version=one.case.version,
        at=limit.decided_at,
        withheld=limit.is_withheld,
        without_pictures=limit.hides_pictures,
        hidden_pictures=limit.hidden_pictures,
        allowed=one.is_allowed,
        hides_more=hides_more,
        sealed=sealed,
        reason=limit.reason,
        by=limit.decided_by,
    )
