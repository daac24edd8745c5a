"""What a department reads and does, and what it cannot."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from handlers.core.actions.co_handle import CoHandle
from handlers.core.actions.note import Note
from handlers.core.actions.sign import Sign
from handlers.core.desk import ContactReason
from handlers.core.rules import Action
from handlers.core.views import DeskOrder, DeskQuery
from handlers.steps import act_on_case, assign, handle_events, read_cases
from handlers.steps.once import Acted
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, Forbidden, NotFound, StaleVersion
from schemas.events.handlers import CaseAssigned, CaseSigned, CaseUpdated
from schemas.events.sla import DeadlineMissed, DeadlineSet
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.paging import cursor_of
from schemas.ports import Unit
from schemas.values import Contact, Place
from schemas.words import Clock, Kind, Role
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, routed

CITY = load_city()
CHINA = ZoneInfo("Asia/Shanghai")
ENVIRONMENT = DepartmentCode("environment")


def clerk(department: DepartmentCode, name: str = "wang") -> Principal:
    """Somebody of that department."""
    return Principal(role=Role.DEPARTMENT, name=name, department=department)


class Register:
    """Contact details, and the log as it was when they were asked for."""

    def __init__(self) -> None:
        self.log_when_asked: list[str] = []

    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        """Zhang San's."""
        rows = await unit.db.fetch("SELECT action FROM handlers.log WHERE case_id = $1 ORDER BY seq", case_id)
        self.log_when_asked = [row["action"] for row in rows]
        return Contact(name="张三", phone="13812345678")


async def opened(unit: Unit, **fields: Any) -> CaseId:
    """A case with housing."""
    event = routed(**fields)
    await assign.open_cases(unit, [event])
    return event.case_id


async def test_another_departments_case_is_not_there(unit: RecordingUnit) -> None:
    """Neither to read, nor to act on, nor to reach its citizen."""
    case_id = await opened(unit)
    stranger = clerk(TRANSPORT)

    with pytest.raises(NotFound):
        await read_cases.read_case(unit, TRANSPORT, case_id)
    with pytest.raises(NotFound):
        await act_on_case.act(unit, stranger, case_id, Action.SIGN, Sign(version=3), CITY)
    with pytest.raises(NotFound):
        await act_on_case.show_contact(unit, stranger, case_id, ContactReason(reason="x"), Register())
    assert (await read_cases.list_cases(unit, TRANSPORT, DeskQuery(), CHINA)).items == ()


async def test_a_stale_version_is_refused(unit: RecordingUnit) -> None:
    """The second of two clerks who saw the same version learns of the first."""
    case_id = await opened(unit)
    await act_on_case.act(unit, clerk(HOUSING), case_id, Action.SIGN, Sign(version=3), CITY)

    with pytest.raises(StaleVersion) as refusal:
        await act_on_case.act(unit, clerk(HOUSING, "zhao"), case_id, Action.SIGN, Sign(version=3), CITY)
    assert refusal.value.facts["current"] == 4


async def test_many_act_at_once_and_a_refusal_holds_up_no_other(unit: RecordingUnit) -> None:
    """Each by the rules of its own case; only what was done is written and said."""
    cases = [await opened(unit) for _ in range(3)]
    unit.emitted.clear()
    versions = (3, 2, 3)
    asked = [
        act_on_case.Asked(who=clerk(HOUSING), case_id=case_id, action=Action.SIGN, body=Sign(version=version))
        for case_id, version in zip(cases, versions, strict=True)
    ]
    strangers = act_on_case.Asked(
        who=clerk(TRANSPORT), case_id=await opened(unit), action=Action.SIGN, body=Sign(version=3)
    )

    outcomes = await act_on_case.act_each(unit, [*asked, strangers], CITY)

    assert [Acted, StaleVersion, Acted, NotFound] == [type(outcome) for outcome in outcomes]
    signed = [event.case_id for event in unit.emitted if isinstance(event, CaseSigned)]
    assert [cases[0], cases[2]] == signed
    rows = await unit.db.fetch("SELECT case_id FROM handlers.log WHERE action = 'sign'")
    assert {cases[0], cases[2]} == {str(row["case_id"]) for row in rows}


async def test_a_co_handler_gets_the_case_and_may_note(unit: RecordingUnit) -> None:
    """The whole case on its topic; the others learn of it."""
    case_id = await opened(unit)
    unit.emitted_to.clear()
    body = CoHandle(version=3, departments=(TRANSPORT,), reason="联合检查")
    await act_on_case.act(unit, clerk(HOUSING), case_id, Action.CO_HANDLE, body, CITY)
    by_department = dict(unit.emitted_to)
    whole = by_department[TRANSPORT]

    assert isinstance(whole, CaseAssigned)
    assert (whole.text, whole.supporting) == ("小区门口的路灯不亮，已有三天。", (TRANSPORT,))
    assert isinstance(by_department[HOUSING], CaseUpdated)
    await act_on_case.act(unit, clerk(TRANSPORT), case_id, Action.NOTE, Note(version=3, text="已巡查"), CITY)
    with pytest.raises(ActionNotAllowed):
        await act_on_case.act(unit, clerk(TRANSPORT), case_id, Action.SIGN, Sign(version=3), CITY)


async def test_what_leaves_the_version_alone_is_done_once(unit: RecordingUnit) -> None:
    """Sent twice within a moment: one row, and one word to each department; another note, or the same one later, is kept."""
    case_id = await opened(unit)
    unit.emitted_to.clear()
    asks = CoHandle(version=3, departments=(TRANSPORT,), reason="联合检查")
    for _ in range(2):
        await act_on_case.act(unit, clerk(HOUSING), case_id, Action.CO_HANDLE, asks, CITY)
    for text in ("已巡查", "已巡查", "又去了一次"):
        await act_on_case.act(unit, clerk(HOUSING), case_id, Action.NOTE, Note(version=3, text=text), CITY)
    told = len(unit.emitted_to)
    unit.now += timedelta(minutes=1)
    await act_on_case.act(
        unit, clerk(HOUSING), case_id, Action.NOTE, Note(version=3, text="又去了一次"), CITY
    )
    rows = await unit.db.fetch("SELECT action FROM handlers.log WHERE case_id = $1 ORDER BY seq", case_id)

    assert ["route", "co-handle", "note", "note", "note"] == [row["action"] for row in rows]
    assert 6 == told


async def test_contact_details_are_shown_once_the_log_says_why(unit: RecordingUnit) -> None:
    """The row stands before anything is revealed."""
    case_id = await opened(unit)
    register = Register()
    contact = await act_on_case.show_contact(
        unit, clerk(HOUSING), case_id, ContactReason(reason="核实位置"), register
    )
    case = await read_cases.read_case(unit, HOUSING, case_id)

    assert contact.phone == "13812345678"
    assert register.log_when_asked == ["route", "contact.shown"]
    assert (case.timeline[-1].actor, case.timeline[-1].text) == ("wang", "核实位置")


@pytest.mark.parametrize(
    ("fields", "department"),
    [({"kind": Kind.REPORT}, HOUSING), ({"confidential": True, "supporting": (TRANSPORT,)}, TRANSPORT)],
)
async def test_contact_details_that_are_not_shown(
    unit: RecordingUnit, fields: dict[str, Any], department: DepartmentCode
) -> None:
    """Not a report's, and not a confidential case's to those who support it."""
    case_id = await opened(unit, **fields)
    register = Register()

    with pytest.raises(Forbidden):
        await act_on_case.show_contact(unit, clerk(department), case_id, ContactReason(reason="x"), register)
    assert register.log_when_asked == []


async def due(unit: Unit, case_id: CaseId, hours: float) -> None:
    """Due so long after now."""
    event = DeadlineSet(
        case_id=case_id, version=3, at=unit.now, due_at=unit.now + timedelta(hours=hours), department=HOUSING,
        deadline_version=1, rule="general",
    )  # fmt: skip
    await handle_events.set_deadlines(unit, [event])


async def test_the_list_shows_each_case_once_the_most_pressing_first(unit: RecordingUnit) -> None:
    """Page by page, led and supported ones together, those without a deadline last."""
    expected: list[CaseId] = []
    for turn in range(7):
        lead = TRANSPORT if turn % 3 == 0 else HOUSING
        case_id = await opened(unit, lead=lead, supporting=(HOUSING,) if lead == TRANSPORT else ())
        await due(unit, case_id, 24 - turn)
        expected.insert(0, case_id)
    expected += [await opened(unit) for _ in range(3)]
    seen: list[CaseId] = []
    cursor = None
    while True:
        page = await read_cases.list_cases(unit, HOUSING, DeskQuery(limit=3, cursor=cursor), CHINA)
        seen += [line.case_id for line in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert expected == seen


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_the_list_goes_by_receipt_where_that_is_asked(unit: RecordingUnit, order: DeskOrder) -> None:
    """Page by page, led and supported ones together, whatever their deadlines are."""
    ids: list[CaseId] = []
    for turn in range(5):
        lead = TRANSPORT if turn % 2 else HOUSING
        ids.append(await opened(unit, lead=lead, supporting=(HOUSING,) if lead == TRANSPORT else ()))
        await due(unit, ids[-1], 24 - turn % 3)
        received = MONDAY + timedelta(hours=turn)
        await unit.db.execute(
            "UPDATE handlers.case SET received_at = $2 WHERE case_id = $1", ids[-1], received
        )
    query, seen = DeskQuery(order=order, limit=2), []
    while True:
        page = await read_cases.list_cases(unit, HOUSING, query, CHINA)
        seen += [line.case_id for line in page.items]
        assert len(seen) <= len(ids)
        if page.next_cursor is None:
            break
        query = replace(query, cursor=page.next_cursor)

    assert (ids[::-1] if order == "newest" else ids) == seen
    assert 5 == await read_cases.count_listed(unit, HOUSING, query, CHINA)
    with pytest.raises(BadInput):
        await read_cases.list_cases(unit, HOUSING, DeskQuery(state="ended", order=order), CHINA)


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("路灯", True),
        ("路灯 人民路", True),
        ("LED", True),
        ("路灯 垃圾", False),
        ("100%", True),
        ("1%0", False),
        ("路_", False),
        ("路燈 人民路", True),
        ("ｌＥｄ　１００", True),
        ("樓", False),
        ("台灣", True),
        ("台湾", True),
        ("  ", True),
    ],
)
@pytest.mark.parametrize("ended", [False, True])
async def test_the_list_is_searched_by_words(
    unit: RecordingUnit, words: str, is_found: bool, ended: bool
) -> None:
    """All of them, in title, text or place, in whichever script and width; a sign is that sign; never another's case."""
    texts = {
        "title": "路灯不亮",
        "text": "led灯坏了，修好率100%？",
        "place": Place(address="人民路12号臺灣小吃"),
    }
    mine = await opened(unit, **texts)
    await opened(unit, lead=TRANSPORT, **texts)
    if ended:
        await unit.db.execute("UPDATE handlers.case SET state = 'closed', closed_at = assigned_at")
    query = DeskQuery(state="ended" if ended else "open", words=words)

    page = await read_cases.list_cases(unit, HOUSING, query, CHINA)

    assert ([mine] if is_found else []) == [line.case_id for line in page.items]


@pytest.mark.parametrize(
    "cursor", ["", "x", cursor_of("yesterday", "x"), cursor_of(MONDAY), cursor_of(MONDAY, 1)]
)
async def test_somebody_elses_cursor_is_refused(unit: RecordingUnit, cursor: str) -> None:
    """With a reason, not with a failure of the database."""
    with pytest.raises(BadInput):
        await read_cases.list_cases(unit, HOUSING, DeskQuery(cursor=cursor or "="), CHINA)


async def test_ended_cases_are_listed_the_latest_first(unit: RecordingUnit) -> None:
    """And no longer among the open ones."""
    ids = [await opened(unit) for _ in range(3)]
    for turn, case_id in enumerate(ids):
        await unit.db.execute(
            "UPDATE handlers.case SET state = 'closed', closed_at = $2 WHERE case_id = $1",
            case_id, MONDAY + timedelta(hours=turn),
        )  # fmt: skip
    first = await read_cases.list_cases(unit, HOUSING, DeskQuery(state="closed", limit=2), CHINA)
    rest = await read_cases.list_cases(
        unit, HOUSING, DeskQuery(state="ended", limit=2, cursor=first.next_cursor), CHINA
    )

    assert ids[::-1] == [line.case_id for line in (*first.items, *rest.items)]
    assert rest.next_cursor is None
    assert (await read_cases.list_cases(unit, HOUSING, DeskQuery(), CHINA)).items == ()


@pytest.mark.parametrize(
    ("query", "hours"),
    [("overdue", {-1}), ("today", {-1, 5}), ("week", {-1, 5, 30})],
)
async def test_the_list_by_deadline(unit: RecordingUnit, query: Any, hours: set[float]) -> None:
    """Late ones; those of this day; those of seven days."""
    ids: dict[float, CaseId] = {}
    for offset in (-1, 5, 30, 24 * 8):
        ids[offset] = await opened(unit)
        await due(unit, ids[offset], offset)
    found = await read_cases.list_cases(unit, HOUSING, DeskQuery(due=query), CHINA)

    assert {ids[offset] for offset in hours} == {line.case_id for line in found.items}
    assert [line.overdue for line in found.items] == [
        line.due_at < unit.now for line in found.items if line.due_at
    ]


async def test_counts_are_of_all_open_cases(unit: RecordingUnit) -> None:
    """Not of one page, and with those that are supported."""
    first = await opened(unit)
    await opened(unit, lead=TRANSPORT, supporting=(HOUSING,))
    await opened(unit, lead=TRANSPORT)
    await act_on_case.act(unit, clerk(HOUSING), first, Action.SIGN, Sign(version=3), CITY)
    missed = DeadlineMissed(
        case_id=first, version=4, at=MONDAY, clock=Clock.REPLY, due_at=MONDAY, department=HOUSING,
        deadline_version=1,
    )  # fmt: skip
    await handle_events.miss_deadlines(unit, [missed])

    assert await read_cases.count_cases(unit, HOUSING) == ({"assigned": 1, "in_progress": 1}, 1)
