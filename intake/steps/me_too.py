"""Me too (我也遇到): find the public matter that a message names, keep who says so, count people, tell dispatchers."""

from collections.abc import Mapping, Sequence

import msgspec

from intake.core.codes import parse_tracking_code
from intake.core.keys import IntakeKeys
from intake.core.me_too import PublicMatter, Recurrence, is_in_own_words, person_of
from intake.core.no_words import SAME
from intake.core.registration import PreparedMessage
from intake.core.wording import simplified
from intake.store import me_too as store
from schemas.errors import NotFound
from schemas.events.intake import DuplicateSuspected, SubmissionAccepted
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Unit
from schemas.values import SameMatter

#: Matters that a dispatcher is shown (project choice: some screens).
_SHOWN = 100
Matters = Mapping[TrackingCode, PublicMatter]


async def find_matters(unit: Unit, events: Sequence[SubmissionAccepted]) -> Matters:
    """The public matters that these messages name; what is not public now is none, and costs nothing where none is named.

    What is hidden in one from now on waits for this, and finds the case that stands under its title.
    """
    codes = sorted({event.same_as for event in events if event.same_as is not None})
    if not codes:
        return {}
    await store.lock_matters(unit.db, codes)
    return await store.find_matters(unit.db, codes)


def named(same_as: TrackingCode, prepared: PreparedMessage, matters: Matters) -> PreparedMessage:
    """The message under the public title of the matter that it names, where it has none of its own.

    It resembles none: the words that stand for none are those of all such messages.
    """
    prepared, matter = msgspec.structs.replace(prepared, clause_hashes=None), matters.get(same_as)
    if matter is None or matter.title is None or prepared.title != SAME:
        return prepared
    plain = simplified(f"{matter.title}\n{prepared.text}")
    return msgspec.structs.replace(prepared, title=matter.title, simplified=plain)


def same_matter(event: SubmissionAccepted, matters: Matters) -> SameMatter | None:
    """What the others are told of the public matter that the message names."""
    matter = matters.get(event.same_as) if event.same_as else None
    if matter is None or matter.case_id == event.case_id:
        return None
    return SameMatter(
        case_id=matter.case_id, tracking_code=matter.tracking_code, in_own_words=is_in_own_words(event)
    )


async def keep_links(
    unit: Unit, messages: Sequence[tuple[SubmissionAccepted, PreparedMessage]], matters: Matters
) -> None:
    """Count who says so, and show the dispatchers the other case. What is told in confidence counts nowhere."""
    linked = [
        (event, prepared, matters[same.tracking_code])
        for event, prepared in messages
        if (same := same_matter(event, matters)) is not None
    ]
    counted = [each for each in linked if not each[0].confidential]
    rows = [
        (event.case_id, matter.case_id, person_of(matter, event, said), event.at)
        for event, said, matter in counted
    ]
    known = [
        (matter.case_id, person, former)
        for (_, _, person, _), (_, said, matter) in zip(rows, counted, strict=True)
        for former in said.former_people
        if person is not None
    ]
    if known:
        await store.know_again(unit.db, known)
    if rows:
        await store.keep(unit.db, rows)
    for event, _, matter in linked:
        unit.emit(
            DuplicateSuspected(
                case_id=event.case_id, version=1, at=unit.now, similar_to=matter.case_id, similarity=1.0
            )
        )


async def read_matter(unit: Unit, keys: IntakeKeys, typed_code: str) -> PublicMatter:
    """The public matter with this tracking code, however it was typed.

    Raises:
        CodeMistyped: no code of ours.
        NotFound: not public.
    """
    code = parse_tracking_code(keys.code_secrets, typed_code)
    found = (await store.find_matters(unit.db, [code])).get(code)
    if found is None:
        raise NotFound
    return found


async def people_of(unit: Unit, matters: Sequence[CaseId]) -> Mapping[CaseId, int]:
    """How many different people say that each of these is theirs, too."""
    return await store.count_people(unit.db, matters) if matters else {}


async def list_recurring(unit: Unit) -> Sequence[Recurrence]:
    """The public matters of which people say so, those first that most say so of since the answer."""
    return await store.list_recurring(unit.db, _SHOWN)
