"""Cases come to their departments."""

from datetime import timedelta

import msgspec
import pytest

from deploy.audit.verification import verify_chains
from handlers.core.actions.return_ import Return
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.core.views import DeskQuery
from handlers.steps import act_on_case, assign, handle_events, read_cases
from handlers.store.cases import lock_cases
from schemas.city import load_city
from schemas.errors import NotFound
from schemas.event import decode, encode
from schemas.events.handlers import CaseAssigned, CaseClosed, CaseUpdated
from schemas.events.routing import CaseRouted, WithdrawalJudged
from schemas.events.tags import TagsChanged, TagsCorrected
from schemas.http import Principal
from schemas.ids import AttachmentId, ItemCode, TagCode
from schemas.values import Attachment
from schemas.words import CaseState, Role
from tests.conftest import AUDIT_KEY, RecordingUnit
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, routed

CITY = load_city()
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
PHOTO = Attachment(attachment_id=AttachmentId("a" * 32), name="王小明家门口.jpg", type="image/jpeg")


async def test_a_routed_case_is_assigned(unit: RecordingUnit) -> None:
    """Everyone learns that it is, without the texts; its departments get all of it."""
    event = routed(supporting=(TRANSPORT,))
    await assign.open_cases(unit, [event])
    (told,) = unit.emitted
    whole = msgspec.structs.replace(told, title=event.title, text=event.text)

    assert isinstance(told, CaseAssigned)
    assert (told.title, told.text, told.version, told.lead) == ("", "", 3, HOUSING)
    assert [(HOUSING, whole), (TRANSPORT, whole)] == unit.emitted_to


async def test_its_item_comes_along(unit: RecordingUnit) -> None:
    """Told, kept and read by its department; whoever gets the case next is told that of the new route; a report has none."""
    event = routed(item=ItemCode("street-light"))
    report = routed(item=ItemCode("street-light"), protected=True)
    await assign.open_cases(unit, [event, report])
    assert ["street-light", None] == [told.item for told in unit.emitted if isinstance(told, CaseAssigned)]
    assert "street-light" == (await read_cases.read_case(unit, HOUSING, event.case_id)).item
    assert (await read_cases.read_case(unit, HOUSING, report.case_id)).item is None
    returned = await act_on_case.act(
        unit, WANG, event.case_id, Action.RETURN, Return(version=3, reason="不归我们", basis="三定方案"), CITY
    )
    unit.emitted.clear()
    again = msgspec.structs.replace(
        event, version=returned.version + 1, lead=TRANSPORT, decided_by="li", item=ItemCode("bus-route")
    )
    await assign.open_cases(unit, [again])

    assert ["bus-route"] == [told.item for told in unit.emitted if isinstance(told, CaseAssigned)]
    assert "bus-route" == (await read_cases.read_case(unit, TRANSPORT, event.case_id)).item


async def test_its_tags_come_along(unit: RecordingUnit) -> None:
    """Told, kept, and read in the list and the case; of a report there are none; a change of the case keeps them."""
    tags = (TagCode("night"), TagCode("elderly"))
    event, report = routed(tags=tags), routed(tags=tags, protected=True)
    await assign.open_cases(unit, [event, report])
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)

    assert [tags, ()] == [told.tags for told in unit.emitted if isinstance(told, CaseAssigned)]
    assert tags == (await read_cases.read_case(unit, HOUSING, event.case_id)).tags
    assert () == (await read_cases.read_case(unit, HOUSING, report.case_id)).tags
    lines = (await read_cases.list_cases(unit, HOUSING, DeskQuery(), CITY.zone)).items
    assert {event.case_id: tags, report.case_id: ()} == {line.case_id: line.tags for line in lines}


async def test_a_release_that_knows_no_tags_takes_none_off(unit: RecordingUnit) -> None:
    """A case that it routes first has none; one that it moves beside this release keeps those that it has."""
    tags = (TagCode("night"),)
    tagged, first = routed(tags=tags), _without_tags(routed())
    await assign.open_cases(unit, [tagged, first])
    unit.emitted.clear()
    moved = _without_tags(
        msgspec.structs.replace(tagged, version=5, lead=TRANSPORT, decided_by="li", moved_because="换个单位")
    )

    await assign.open_cases(unit, [moved])

    assert [tags] == [told.tags for told in unit.emitted if isinstance(told, CaseAssigned)]
    assert tags == (await read_cases.read_case(unit, TRANSPORT, tagged.case_id)).tags
    assert () == (await read_cases.read_case(unit, HOUSING, first.case_id)).tags


async def test_corrected_tags_are_kept_sealed_and_told(unit: RecordingUnit) -> None:
    """To whoever counts and to the departments; the history says who did it; what is late changes none."""
    event, report = routed(tags=(TagCode("night"),)), routed(protected=True)
    await assign.open_cases(unit, [event, report])
    unit.emitted.clear()
    unit.emitted_to.clear()
    winter = (TagCode("winter"),)
    said = [
        TagsCorrected(case_id=each.case_id, version=2, at=MONDAY, tags=winter, decided_by="li")
        for each in (event, report)
    ]

    await handle_events.correct_tags(unit, said)
    await handle_events.correct_tags(unit, said[:1])
    # One that was made before it, and is heard late.
    await handle_events.correct_tags(
        unit, [msgspec.structs.replace(said[0], at=MONDAY - timedelta(minutes=1), tags=())]
    )

    told = TagsChanged(case_id=event.case_id, version=3, at=unit.now, tags=winter, decided_by="li")
    assert [told] == unit.emitted
    assert [(HOUSING, "tags.changed")] == [
        (to, each.what) for to, each in unit.emitted_to if isinstance(each, CaseUpdated)
    ]
    kept = await lock_cases(unit.db, [event.case_id, report.case_id])
    assert [winter, ()] == [kept[each.case_id].tags for each in (event, report)]
    for each in (event, report):
        assert () == (await verify_chains(unit.db, [AUDIT_KEY], each.case_id)).broken
    shown = await read_cases.read_case(unit, HOUSING, event.case_id)
    row, late = [row for row in shown.timeline if row.event == TagsCorrected.name]
    assert ("li", ["winter"], True) == (row.actor, row.detail["tags"], late.detail["ignored"])
    hidden = await read_cases.read_case(unit, HOUSING, report.case_id)
    assert not [row for row in hidden.timeline if "tags" in row.detail]


def _without_tags(event: CaseRouted) -> CaseRouted:
    """As it comes from Kafka, of a release that knows no such field."""
    body = msgspec.json.decode(encode(event))
    older = {name: value for name, value in body.items() if not name.startswith("tags")}
    read = decode(CaseRouted, msgspec.json.encode(older))
    assert isinstance(read, CaseRouted)
    return read


@pytest.mark.parametrize("protected", [False, True])
async def test_a_case_that_is_given_to_another_is_told_to_everyone_without_what_was_sent(
    unit: RecordingUnit, protected: bool
) -> None:
    """A name of a file may be the citizen's own: the next department alone is told it, as the first was."""
    event = routed(attachments=(PHOTO,), protected=protected)
    await assign.open_cases(unit, [event])
    returned = await act_on_case.act(
        unit, WANG, event.case_id, Action.RETURN, Return(version=3, reason="不归我们", basis="三定方案"), CITY
    )
    again = msgspec.structs.replace(event, version=returned.version + 1, lead=TRANSPORT, decided_by="li")
    await assign.open_cases(unit, [again])
    told = [each for each in unit.emitted if isinstance(each, CaseAssigned)]
    whole = [each for to, each in unit.emitted_to if to == TRANSPORT and isinstance(each, CaseAssigned)]

    assert [("", "", ())] * 2 == [(each.title, each.text, each.attachments) for each in told]
    assert [(event.title, event.text, (PHOTO,))] == [
        (each.title, each.text, each.attachments) for each in whole
    ]


async def test_many_cases_open_together(unit: RecordingUnit) -> None:
    """Each with its own row, read back as it came."""
    events = [routed(supporting=(TRANSPORT,) if turn % 2 else ()) for turn in range(20)]
    await assign.open_cases(unit, events)
    read = [await read_cases.read_case(unit, HOUSING, event.case_id) for event in events]

    assert [(e.title, e.text, e.supporting, e.tracking_code) for e in events] == [
        (case.title, case.text, case.supporting, case.tracking_code) for case in read
    ]
    assert {(CaseState.ASSIGNED, 3)} == {(case.state, case.version) for case in read}
    assert [[row.event for row in case.timeline] for case in read] == [["route"]] * 20


async def test_a_route_that_comes_twice_opens_once(unit: RecordingUnit) -> None:
    """The second says nothing and changes nothing."""
    event = routed()
    await assign.open_cases(unit, [event])
    said = len(unit.emitted), len(unit.emitted_to)
    await assign.open_cases(unit, [event])

    assert said == (len(unit.emitted), len(unit.emitted_to))
    assert len((await read_cases.read_case(unit, HOUSING, event.case_id)).timeline) == 1


async def test_new_and_known_cases_in_one_batch(unit: RecordingUnit) -> None:
    """Only the new ones are assigned."""
    known, fresh = routed(), routed()
    await assign.open_cases(unit, [known])
    await assign.open_cases(unit, [fresh, known])

    assert [known.case_id, fresh.case_id] == [event.case_id for event in unit.emitted]


async def test_a_case_withdrawn_before_it_came_opens_as_withdrawn(unit: RecordingUnit) -> None:
    """No department is bothered, and everyone learns that it ended."""
    event = routed()
    await handle_events.withdraw_cases(
        unit,
        [WithdrawalJudged(withdrawn_at=MONDAY, case_id=event.case_id, version=1, at=MONDAY, reason="不用了")],
    )
    await assign.open_cases(unit, [event])
    (closed,) = unit.emitted

    assert isinstance(closed, CaseClosed)
    assert (closed.outcome, closed.version) == ("withdrawn", 3)
    assert unit.emitted_to == []
    row = await unit.db.fetchrow(
        "SELECT state, closed_at FROM handlers.case WHERE case_id = $1", event.case_id
    )
    assert ("withdrawn", unit.now) == tuple(row)


async def test_an_accepted_return_moves_the_case(unit: RecordingUnit) -> None:
    """The new department gets all of it, the old one learns that it is gone and sees it no more."""
    event = routed()
    await assign.open_cases(unit, [event])
    returned = await act_on_case.act(
        unit, WANG, event.case_id, Action.RETURN, Return(version=3, reason="不归我们", basis="三定方案"), CITY
    )
    unit.emitted.clear()
    unit.emitted_to.clear()
    again = msgspec.structs.replace(event, version=returned.version + 1, lead=TRANSPORT, decided_by="li")
    await assign.open_cases(unit, [again])
    (told,) = unit.emitted

    assert isinstance(told, CaseAssigned)
    assert (told.lead, told.return_count, told.text, told.version) == (TRANSPORT, 1, "", 6)
    by_department = dict(unit.emitted_to)
    assert isinstance(by_department[HOUSING], CaseUpdated)
    assert msgspec.structs.replace(told, title=event.title, text=event.text) == by_department[TRANSPORT]
    assert (await read_cases.read_case(unit, TRANSPORT, event.case_id)).state is CaseState.ASSIGNED
    with pytest.raises(NotFound):
        await read_cases.read_case(unit, HOUSING, event.case_id)
