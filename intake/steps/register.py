"""Make cases of messages, in bulk: keep them, seal what is personal, say so, and point at look-alikes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo

from intake.core.following.view import TimelineEntry
from intake.core.following.view_changes import ViewChange
from intake.core.notices import channel_for, is_of_old_list
from intake.core.registration import PreparedMessage
from intake.core.resemblance import similarity
from intake.core.wording import simplified
from intake.steps.attach import attach
from intake.steps.enclose import enclose_late
from intake.steps.me_too import Matters, find_matters, keep_links, named, same_matter
from intake.steps.notices import tell_received
from intake.steps.offers import note_filed
from intake.store import register as store
from intake.store.file_rights import say_publishable
from intake.store.sent_rows import note_registered
from intake.store.view import apply_changes
from schemas.errors import DataRefused
from schemas.events.intake import CaseRegistered, CaseSupplemented, DuplicateSuspected, SubmissionAccepted
from schemas.ids import CaseId
from schemas.notices import NoticeChannel
from schemas.ports import Unit
from schemas.values import Attachment, SameMatter

Message = tuple[SubmissionAccepted, PreparedMessage]
#: Messages that came again with another content: by their case, and the hash of that content.
_Again = Mapping[tuple[CaseId, bytes], Message]


async def register_cases(
    unit: Unit,
    events: Sequence[SubmissionAccepted],
    prepared: Sequence[PreparedMessage],
    *,
    told_by: frozenset[NoticeChannel] = frozenset(),
    zone: tzinfo = UTC,
) -> None:
    """Each message becomes a case once, however often it comes.

    `told_by`: the channels by which citizens hear of news. `zone`: the city's, whose days are counted by.
    """
    matters = await find_matters(unit, events)
    prepared = [
        each if event.same_as is None else named(event.same_as, each, matters)
        for event, each in zip(events, prepared, strict=True)
    ]
    new = await store.insert_cases(unit.db, events, prepared, unit.now)
    fresh: list[Message] = []
    again: list[Message] = []
    for message in zip(events, prepared, strict=True):
        (fresh if message[0].case_id in new else again).append(message)
    if again:
        await _supplement(unit, again)
    if fresh:
        await _say_registered(unit, fresh, matters)
        if matters:
            await keep_links(unit, fresh, matters)
        await note_filed(unit, [event for event, _ in fresh], zone)
        if of_lists := [event for event, _ in fresh if event.row is not None]:
            await note_registered(unit.db, of_lists)
        if told_by:
            await _tell(unit, [event for event, _ in fresh], told_by)


async def _tell(unit: Unit, events: Sequence[SubmissionAccepted], told_by: frozenset[NoticeChannel]) -> None:
    channels = [(event, channel_for(event, told_by)) for event in events]
    if reachable := [(event, channel) for event, channel in channels if channel is not None]:
        await tell_received(unit, reachable)


async def _say_registered(unit: Unit, messages: Sequence[Message], matters: Matters) -> None:
    sealed = [
        (event.case_id, prepared.sealed, prepared.phone_index, prepared.author_index)
        for event, prepared in messages
        if prepared.sealed is not None
    ]
    if sealed:
        await store.insert_sealed(unit.db, sealed)
    with_files = [event for event, _ in messages if event.attachments]
    files = await _attach_files(unit, with_files) if with_files else {}
    for event, prepared in messages:
        same = same_matter(event, matters) if matters else None
        unit.emit(_registered(unit, event, prepared, files.get(event.case_id, ()), same))
    await _point_at_look_alikes(unit, messages)


async def _attach_files(
    unit: Unit, events: Sequence[SubmissionAccepted]
) -> Mapping[CaseId, tuple[Attachment, ...]]:
    """Give the new cases their files, and everybody those that may be published; what is told of them."""
    files = await attach(
        unit, [(event.case_id, event.attachments, event.contact, event.at) for event in events]
    )
    got = {(case, file.attachment_id) for case, of in files.items() for file in of if not file.missing}
    asked = [(event.case_id, each) for event in events for each in event.publish_attachments]
    if allowed := [pair for pair in asked if pair in got]:
        await say_publishable(unit.db, allowed)
    return files


def _registered(
    unit: Unit,
    event: SubmissionAccepted,
    prepared: PreparedMessage,
    files: tuple[Attachment, ...],
    same: SameMatter | None,
) -> CaseRegistered:
    return CaseRegistered(
        case_id=event.case_id,
        version=1,
        at=unit.now,
        tracking_code=event.tracking_code,
        channel=event.channel,
        received_at=event.at,
        kind=event.kind,
        title=prepared.title,
        text=prepared.text,
        simplified=prepared.simplified,
        place=prepared.place,
        beside=prepared.beside,
        attachments=files,
        # Of a call from a hidden number the recording is all that there is to reveal.
        has_contact=event.contact is not None or event.recording is not None,
        confidential=event.confidential,
        publish=prepared.publish,
        seen=event.seen,
        me_too=same,
        same_as=event.same_as,
        of_old_list=is_of_old_list(event),
    )


async def _point_at_look_alikes(unit: Unit, messages: Sequence[Message]) -> None:
    """Suggest, never merge or drop: a person decides."""
    rows = [
        (
            event.case_id,
            event.at,
            prepared.clause_hashes.whole,
            prepared.clause_hashes.first,
            prepared.clause_hashes.second,
        )
        for event, prepared in messages
        if prepared.clause_hashes is not None
    ]
    if not rows:
        return
    for case_id, similar_to, whole, first, second in await store.resembling(unit.db, rows):
        alike = similarity(same_whole=whole, same_first=first, same_second=second)
        unit.emit(
            DuplicateSuspected(
                case_id=case_id, version=1, at=unit.now, similar_to=similar_to, similarity=alike
            )
        )


async def _supplement(unit: Unit, messages: Sequence[Message]) -> None:
    """Messages whose case exists: the same content says nothing new.

    Other content under its codes, as an earlier release took it from a known sender, is added to the case; of a row of a
    list its files, which were not found the first time.
    """
    known = await store.known_cases(unit.db, [event for event, _ in messages])
    rows: dict[tuple[CaseId, bytes], Message] = {}
    for place, (event, prepared) in enumerate(messages):
        if place not in known:
            raise DataRefused("tracking code already stands for another case")
        case_id, content = known[place]
        if content not in (prepared.content_hash, *prepared.former_hashes):
            rows[case_id, prepared.content_hash] = (event, prepared)
    files = await _files_found_later(unit, rows)
    said = {
        key: (f"{prepared.title}\n{prepared.text}", prepared.sealed)
        for key, (event, prepared) in rows.items()
        if event.row is None
    } | {
        key: (f"（后来导入的附件：{'；'.join(file.name for file in found)}）", None)
        for key, found in files.items()
    }
    if not said:
        return
    added = await store.insert_supplements(
        unit.db, [(*key, rows[key][0].at, *words) for key, words in said.items()]
    )
    line = ViewChange(entry=TimelineEntry(at=unit.now, event="supplemented"))
    await apply_changes(unit.db, [(case_id, version, unit.now, line) for case_id, _, version in added])
    for case_id, content, version in added:
        text, _ = said[case_id, content]
        unit.emit(
            CaseSupplemented(
                case_id=case_id, version=version, at=unit.now, text=text, simplified=simplified(text),
                attachments=files.get((case_id, content), ()),
            )
        )  # fmt: skip


async def _files_found_later(
    unit: Unit, messages: _Again
) -> Mapping[tuple[CaseId, bytes], tuple[Attachment, ...]]:
    """Of rows of lists among these the files that their cases did not have: the same row names them in words."""
    found = {
        key: await enclose_late(unit, event.case_id, event.attachments, event.contact)
        for key, (event, _) in messages.items()
        if event.row is not None and event.attachments
    }
    return {key: files for key, files in found.items() if files}
