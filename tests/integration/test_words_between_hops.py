"""What a citizen writes after the message: between any two hops, whom it accuses reads none of it anywhere."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

import handlers.web.api
import handlers.web.pages
from handlers.core.actions.ask import Ask
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case as at_desk
from handlers.steps import read_cases
from intake.core.following.view import View
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.store import cases, items
from schemas.city import load_city
from schemas.errors import NotFound
from schemas.events.intake import CaseSupplemented
from schemas.http import Call, Principal, Route
from schemas.ids import AttachmentId, DepartmentCode
from schemas.values import Attachment
from schemas.words import CaseState, CitizenAction, Kind, Language, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.clocks import NoClocks
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS, draft, message

CITY = load_city()
ACCUSED = DepartmentCode("transport")
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=ACCUSED)
MESSAGE = message(
    draft("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。", kind=Kind.COMPLAINT)
)
#: No department gets it by itself.
UNCLEAR = message(draft("一件事", "请看一下。"))
CASE_ID = MESSAGE.codes.case_id
ACCUSING = "交通局路政大队收钱放行超载车"
PRESSED = "他们让我撤的，不撤就扣低保"
HARMLESS = "末班车已经延长了"
SLICES = ("routing", "handlers", "intake", "sla")


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _view(slices: Slices) -> View:
    found = await find_view(slices.unit.db, MESSAGE.codes.tracking_code)
    assert found is not None
    return found


async def _in_hand(slices: Slices) -> None:
    await slices.submit(MESSAGE)
    await at_desk.act(slices.unit, WANG, CASE_ID, Action.SIGN, Sign(version=3), CITY)
    await slices.carry()


async def _asked(slices: Slices) -> None:
    await _in_hand(slices)
    await at_desk.act(
        slices.unit, WANG, CASE_ID, Action.ASK, Ask(version=4, text="哪一路？", until="2026-11-30"), CITY
    )
    await slices.carry()


async def _answered(slices: Slices) -> None:
    await _in_hand(slices)
    reply = Reply(version=4, note="已查", response="已办理")
    replied = await at_desk.act(slices.unit, WANG, CASE_ID, Action.REPLY, reply, CITY)
    await slices.carry()
    approved = Decision(version=replied.version, kind=ReviewKind.REPLY, accept=True)
    await decide(slices.unit, CITY, CASE_ID, approved, "li")
    await slices.carry()


async def _withdraw(slices: Slices, words: str) -> None:
    await citizen.withdraw(slices.unit, KEYS, await _view(slices), reason=words)


async def _rate(slices: Slices, words: str) -> None:
    await citizen.rate(slices.unit, KEYS, await _view(slices), score=1, comment=words)


async def _object(slices: Slices, words: str) -> None:
    await citizen.object_to_outcome(slices.unit, KEYS, await _view(slices), reason=words)


async def _add(slices: Slices, words: str) -> None:
    await citizen.supplement(slices.unit, KEYS, await _view(slices), citizen.Addition(text=words))


async def _answer(slices: Slices, words: str) -> None:
    await citizen.answer(slices.unit, KEYS, await _view(slices), citizen.Addition(text=words))


async def _add_a_file(slices: Slices, words: str) -> None:
    """As `enclose` makes them: the name is the citizen's."""
    file = Attachment(
        attachment_id=AttachmentId("0" * 32), name=f"{words}.pdf", type="application/pdf", size=9
    )
    view = await _view(slices)
    slices.unit.emit(
        CaseSupplemented(case_id=CASE_ID, version=view.version, at=slices.unit.now, text="见附件", attachments=(file,))
    )  # fmt: skip


Do = Callable[[Slices, str], Awaitable[None]]
#: What was before, and how the citizen says something.
WAYS: dict[str, tuple[Callable[[Slices], Awaitable[None]], Do]] = {
    "withdrawal": (_in_hand, _withdraw),
    "rating": (_answered, _rate),
    "objection": (_answered, _object),
    "addition": (_in_hand, _add),
    "answer": (_asked, _answer),
    "file name": (_in_hand, _add_a_file),
}


def _desk() -> Iterator[Route]:
    for web in (handlers.web.api, handlers.web.pages):
        for route in web.routes(city=CITY, contacts=None, clocks=NoClocks()):
            if route.method == "GET" and Role.DEPARTMENT in route.who:
                yield route


async def _read_by_the_accused(unit: RecordingUnit) -> str:
    """Every page, list and answer of the API that the department gets, and all that its topic tells."""
    told = [repr(unit.emitted_to)]
    for route in _desk():
        call = Call(
            principal=WANG, language=Language.ZH, path={"case_id": CASE_ID, "entry_id": CASE_ID}, headers={},
            address="10.0.0.1", unit_or_none=unit, query=route.query() if route.query else None,
        )  # fmt: skip
        with suppress(NotFound):
            told.append(repr(await route.answer(call)))
    return "\n".join(told)


async def _open_dispatch(unit: Any) -> list[ReviewKind]:
    return [item.kind for item in await items.waiting(unit.db, CASE_ID) if item.kind is ReviewKind.DISPATCH]


@pytest.mark.parametrize("late", SLICES)
@pytest.mark.parametrize("way", WAYS)
async def test_no_word_is_read_before_it_is_judged_nor_after(slices: Slices, way: str, late: str) -> None:
    """Whichever slice lags; and then a dispatcher has the case, and reads the words."""
    before, say = WAYS[way]
    await before(slices)
    await say(slices, ACCUSING)
    hops = 0

    assert ACCUSING not in await _read_by_the_accused(slices.unit)
    async for event in slices.hops(late):
        hops += 1
        assert ACCUSING not in await _read_by_the_accused(slices.unit), event
    assert hops > 3
    assert [ReviewKind.DISPATCH] == await _open_dispatch(slices.unit)
    case = await cases.find(slices.unit.db, CASE_ID)
    assert case is not None
    assert ACCUSING in case.supplement or any(ACCUSING in file.name for file in case.added_files)
    assert CaseState.IN_REVIEW is (await _view(slices)).state


@pytest.mark.parametrize("late", SLICES)
@pytest.mark.parametrize("words", [ACCUSING, PRESSED])
async def test_a_withdrawal_under_pressure_is_none(slices: Slices, words: str, late: str) -> None:
    """Nobody but a dispatcher reads why; the citizen is told, and may take the case back later."""
    await _in_hand(slices)
    await _withdraw(slices, words)
    async for event in slices.hops(late):
        assert words not in await _read_by_the_accused(slices.unit), event
    view = await _view(slices)

    assert [ReviewKind.DISPATCH] == await _open_dispatch(slices.unit)
    assert "withdrawal_held" in [line.event for line in view.timeline]
    assert (CaseState.IN_REVIEW, True) == (view.state, CitizenAction.WITHDRAWAL in (view.citizen_may or ()))


@pytest.mark.parametrize("late", SLICES)
async def test_a_withdrawal_under_pressure_from_a_dispatcher_is_none_either(
    slices: Slices, late: str
) -> None:
    """Before a department had the case: it showed as withdrawn, and does not any more; the dispatcher's clock goes on."""
    await slices.submit(UNCLEAR)
    await _withdraw(slices, PRESSED)
    assert CaseState.WITHDRAWN is (await _view(slices)).state
    async for _ in slices.hops(late):
        pass
    view, case = await _view(slices), await cases.find(slices.unit.db, CASE_ID)
    running = await slices.unit.db.fetchval(
        "SELECT count(*) FROM sla.clock WHERE case_id = $1 AND clock = 'dispatch' AND state = 'running'",
        CASE_ID,
    )

    assert case is not None
    assert (CaseState.IN_REVIEW, "open", 1) == (view.state, case.state, running)
    assert CitizenAction.WITHDRAWAL in (view.citizen_may or ())


@pytest.mark.parametrize("late", SLICES)
async def test_a_case_that_nobody_had_shows_as_withdrawn_for_good(slices: Slices, late: str) -> None:
    """Whatever is heard later of the review that waited for it."""
    await slices.submit(UNCLEAR)
    await _withdraw(slices, HARMLESS)
    async for _ in slices.hops(late):
        pass

    assert (CaseState.WITHDRAWN, []) == ((view := await _view(slices)).state, list(view.citizen_may or ()))
    assert [] == await items.waiting(slices.unit.db, CASE_ID)


@pytest.mark.parametrize("way", WAYS)
async def test_what_accuses_nobody_reaches_its_department_once(slices: Slices, way: str) -> None:
    """With what it belongs to: no word is lost by being judged first."""
    before, say = WAYS[way]
    await before(slices)
    slices.unit.emitted_to.clear()
    await say(slices, HARMLESS)
    await slices.carry()
    case = await _at_desk(slices.unit)
    rows = [row for row in case.timeline if HARMLESS in row.text]
    said = [each for each in case.supplements if HARMLESS in repr(each)]

    assert HARMLESS in repr(slices.unit.emitted_to)
    assert (0, 1) == (len(rows), len(said))


async def _at_desk(unit: RecordingUnit) -> Any:
    """The case as its department reads it."""
    return await read_cases.read_case(unit, ACCUSED, CASE_ID)
