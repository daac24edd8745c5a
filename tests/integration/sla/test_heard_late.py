"""What an older event says of a case in figures is not what a newer one said, whichever is heard last."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from schemas.event import Event
from schemas.events.handlers import CaseProtected
from schemas.events.tags import TagsChanged
from schemas.events.undone import MoveUndone
from schemas.ids import CategoryCode, RegionCode
from schemas.words import CaseState, Kind, Urgency
from tests.integration.sla.events import WATER, Sla
from tests.integration.sla.test_frequent import CUT, ELDERLY, LAMP, NIGHT, WINTER, of_item, tagged
from tests.unit.handlers.making import HOUSING


@pytest.mark.parametrize("since", ["corrected", "moved", "undone", "asked back"])
async def test_tags_that_are_heard_late_change_nothing(sla: Sla, since: str) -> None:
    """As after a dead letter was replayed: what the desk has said since stands; what says nothing of tags leaves them."""
    first = replace(tagged(NIGHT), version=5)
    hour = timedelta(hours=1)
    late = TagsChanged(case_id=first.case_id, version=5, at=first.at + hour, tags=(ELDERLY,), decided_by="li")
    moved = replace(first, version=7, at=first.at + 2 * hour, lead=WATER, tags=(WINTER,))
    undone = MoveUndone(
        case_id=first.case_id, version=8, at=first.at + 3 * hour, state=CaseState.ASSIGNED, lead=HOUSING,
        category=first.category, tags=(WINTER,), moved_to=WATER, moved_at=moved.at, decided_by="li",
    )  # fmt: skip
    newer: dict[str, list[Event]] = {
        "corrected": [replace(late, at=first.at + 2 * hour, tags=(WINTER,))],
        "moved": [moved],
        "undone": [undone],
        "asked back": [replace(undone, tags=None)],
    }
    await sla.hear(first, *newer[since])

    await sla.hear(late)

    found = await sla.unit.db.fetchval('SELECT tags FROM sla."case" WHERE case_id = $1', first.case_id)
    assert ["elderly" if since == "asked back" else "winter"] == found


async def test_a_move_that_is_heard_undone_late_leaves_tags_that_were_corrected_since(sla: Sla) -> None:
    """As after a dead letter was replayed; a case that stands in no number has none even so."""
    first = replace(tagged(NIGHT), version=5)
    hour = timedelta(hours=1)
    moved = replace(first, version=6, at=first.at + hour, lead=WATER)
    undone = MoveUndone(
        case_id=first.case_id, version=7, at=first.at + 2 * hour, state=CaseState.ASSIGNED, lead=HOUSING,
        category=first.category, tags=(NIGHT,), moved_to=WATER, moved_at=moved.at, decided_by="li",
    )  # fmt: skip
    told = TagsChanged(
        case_id=first.case_id, version=7, at=first.at + 3 * hour, tags=(WINTER,), decided_by="li"
    )
    await sla.hear(first, moved, told)

    await sla.hear(undone)

    found = await sla.unit.db.fetchval('SELECT tags FROM sla."case" WHERE case_id = $1', first.case_id)
    assert ["winter"] == found


async def test_an_assignment_heard_late_leaves_tags_that_were_corrected_since(sla: Sla) -> None:
    """The desk had said it before."""
    first = replace(tagged(NIGHT), version=5)
    told = TagsChanged(
        case_id=first.case_id, version=5, at=first.at + timedelta(hours=1), tags=(WINTER,), decided_by="li"
    )
    await sla.hear(first, told)

    await sla.hear(replace(first, tags=(ELDERLY,)))

    found = await sla.unit.db.fetchval('SELECT tags FROM sla."case" WHERE case_id = $1', first.case_id)
    assert ["winter"] == found


@pytest.mark.parametrize("since", ["moved", "undone", "taken back"])
async def test_what_a_case_is_an_assignment_heard_late_does_not_say(sla: Sla, since: str) -> None:
    """As after a dead letter was replayed: what was said since stands; who leads it is said by what is newest, too."""
    first = replace(of_item(LAMP), version=3, kind=Kind.COMPLAINT)
    hour = timedelta(hours=1)
    now = replace(
        first, version=7, at=first.at + hour, lead=WATER, category=CategoryCode("other"), item=CUT,
        region=RegionCode("nanhu"), kind=Kind.HELP, urgency=Urgency.URGENT,
    )  # fmt: skip
    undone = MoveUndone(
        case_id=first.case_id, version=8, at=first.at + 2 * hour, state=CaseState.ASSIGNED, lead=HOUSING,
        category=CategoryCode("labour"), item=CUT, region=RegionCode("xishan"), moved_to=WATER, moved_at=now.at,
        decided_by="li",
    )  # fmt: skip
    back = CaseProtected(
        case_id=first.case_id, version=8, at=first.at + 2 * hour, accused=(WATER,), state=CaseState.IN_REVIEW
    )
    newer: dict[str, list[Event]] = {"moved": [now], "undone": [now, undone], "taken back": [now, back]}
    await sla.hear(*newer[since])
    columns = 'SELECT lead, kind, urgency, category, item, region, private FROM sla."case" WHERE case_id = $1'
    before = await sla.unit.db.fetchrow(columns, first.case_id)

    await sla.hear(first)

    assert before == await sla.unit.db.fetchrow(columns, first.case_id)


async def test_an_assignment_heard_late_shows_no_case_that_accuses_since(sla: Sla) -> None:
    """Nothing of its state was heard in between: the dead letters are replayed one by one, and it ended merged."""
    first = replace(of_item(LAMP), version=2, tags=(NIGHT,))
    since = CaseProtected(
        case_id=first.case_id,
        version=4,
        at=first.at + timedelta(hours=1),
        accused=(WATER,),
        state=CaseState.MERGED,
    )
    await sla.hear(since)

    await sla.hear(first)

    row = await sla.unit.db.fetchrow(
        'SELECT private, item, tags FROM sla."case" WHERE case_id = $1', first.case_id
    )
    assert (True, None, []) == tuple(row)


async def test_an_assignment_heard_late_hides_no_case_that_was_cleared_since(sla: Sla) -> None:
    """It accused somebody then, and nobody now: it stands in figures."""
    now = replace(of_item(LAMP), version=7)
    await sla.hear(now)

    await sla.hear(replace(now, version=3, at=now.at - timedelta(minutes=1), protected=True))

    row = await sla.unit.db.fetchrow('SELECT private, item FROM sla."case" WHERE case_id = $1', now.case_id)
    assert (False, LAMP) == tuple(row)


@pytest.mark.parametrize("is_first", [False, True])
async def test_what_an_older_release_said_of_a_case_is_as_new_as_its_assignment(
    sla: Sla, *, is_first: bool
) -> None:
    """It keeps no version of it: what is heard late, and is older, says it otherwise no more; a later one does."""
    now = replace(of_item(LAMP), version=9)
    late = replace(now, version=7, item=CUT, category=CategoryCode("transport"))
    if not is_first:
        await sla.hear(replace(now, version=5))
    if is_first:
        await sla.unit.db.execute(
            """INSERT INTO sla."case" (case_id, category, item, region, kind, urgency, lead, version, state_version,
                lead_version, received_at, assigned_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 9, 9, 9, $8, $8)""",
            now.case_id, now.category, now.item, now.region, now.kind, now.urgency, now.lead, now.at,
        )  # fmt: skip
    else:
        older = 'UPDATE sla."case" SET version = 9, state_version = 9, lead_version = 9 WHERE case_id = $1'
        await sla.unit.db.execute(older, now.case_id)

    await sla.hear(late)

    item = 'SELECT item FROM sla."case" WHERE case_id = $1'
    assert LAMP == await sla.unit.db.fetchval(item, now.case_id)
    await sla.hear(replace(late, version=10))
    assert CUT == await sla.unit.db.fetchval(item, now.case_id)
