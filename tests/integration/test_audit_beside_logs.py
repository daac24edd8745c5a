"""What no department's log holds is sealed all the same, and what citizens read is what the log holds."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.audit.verification import Verified, verify_chains
from handlers.core.rules import Action
from handlers.steps.say_again import say_assigned_again
from routing.core.decisions.direct import SecondReading
from routing.steps import direct
from routing.steps.undo import undo
from routing.store import told
from schemas.ids import CaseId
from schemas.words import ReviewKind
from tests.conftest import AUDIT_KEY, RecordingUnit
from tests.integration.centre import CASE, CITY, Centre
from tests.integration.sla.calling import CASE as CLOSED
from tests.integration.sla.excluding import granted_case
from tests.integration.sla.ordering import CASE as ORDERED
from tests.integration.sla.ordering import order, report, signed_case
from tests.integration.slices import Slices
from tests.integration.test_matters import CASE as SPLIT
from tests.integration.test_matters import split
from tests.integration.test_promise_across_slices import CASE as PROMISED
from tests.integration.test_promise_across_slices import act, asked, decided
from tests.unit.intake.messages import draft, message


async def _verify(unit: RecordingUnit) -> Verified:
    return await verify_chains(unit.db, [AUDIT_KEY])


async def _why(unit: RecordingUnit, case_id: CaseId) -> str | None:
    return {each.case_id: each.why for each in (await _verify(unit)).broken}.get(case_id)


@pytest.fixture
async def answered(unit: RecordingUnit) -> Centre:
    """An enquiry that a dispatcher answered from an entry, for everybody to read, and another found right."""
    centre = Centre(unit)
    await centre.begin()
    await centre.answer()
    version: int = await unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await direct.read_again(unit, CASE, version, SecondReading(is_right=True), "sun")
    await centre.slices.carry()
    return centre


async def test_a_direct_answer_as_it_was_given_holds(answered: Centre) -> None:
    """What its citizen reads, what everybody does, and what was found of it."""
    assert 1 == await answered.unit.db.fetchval(
        "SELECT count(*) FROM intake.published WHERE case_id = $1", CASE
    )
    assert await _why(answered.unit, CASE) is None


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE intake.view SET response = 'x' WHERE case_id = $1", "shown"),
        ("UPDATE intake.view SET response = 'x', response_at = now() WHERE case_id = $1", "shown"),
        ("UPDATE intake.view SET response = 'x', response_at = response_at - interval '1 day' WHERE case_id = $1", "shown"),
        ("UPDATE intake.view SET response = NULL, response_at = NULL WHERE case_id = $1", "shown"),
        ("UPDATE intake.published SET response = 'x' WHERE case_id = $1", "published"),
        ("UPDATE intake.published SET response = 'x', replied_at = now() WHERE case_id = $1", "published"),
        ("UPDATE routing.told SET words = 'x' WHERE case_id = $1", "unsaid"),
        ("UPDATE routing.told SET seal = '' WHERE case_id = $1", "unsaid"),
        ("DELETE FROM routing.told WHERE case_id = $1 AND what = 'answered'", "shown"),
        ("DELETE FROM routing.told WHERE case_id = $1 AND what = 'right'", "found"),
        ("UPDATE routing.reading SET is_right = false WHERE case_id = $1", "found"),
        ("UPDATE routing.reading SET read_by = 'x' WHERE case_id = $1", "found"),
        ("UPDATE routing.reading SET read_by = NULL, read_at = NULL, is_right = NULL WHERE case_id = $1", "found"),
    ],
)  # fmt: skip
async def test_a_direct_answer_cannot_be_changed_unseen(answered: Centre, statement: str, why: str) -> None:
    """Nor taken away from its citizen, nor found otherwise."""
    await answered.unit.db.execute(statement, CASE)

    assert why == await _why(answered.unit, CASE)


async def test_an_answer_that_was_taken_back_is_published_by_nobody(answered: Centre) -> None:
    """It was given once, and may be read by nobody else since; who took it back is sealed, too."""
    unit = answered.unit
    await unit.db.execute("CREATE TEMP TABLE kept ON COMMIT DROP AS TABLE intake.published")
    version: int = await unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await undo(unit, CASE, version, "li")
    await answered.slices.carry()
    holds = await _why(unit, CASE)
    said = [(each.what, each.by) for each, _ in (await told.of_cases(unit.db, [CASE]))[CASE]]
    await unit.db.execute("INSERT INTO intake.published SELECT * FROM kept")

    assert ("undone", "li") == said[-1]
    assert (None, "published") == (holds, await _why(unit, CASE))


async def test_an_answer_that_nobody_gave_is_found(unit: RecordingUnit) -> None:
    """Made up for everybody to read, of a case that waits."""
    slices = Slices(unit, CITY)
    waiting = message(draft("路灯", "望江路的路灯不亮"))
    await slices.submit(waiting)
    case_id = waiting.codes.case_id
    await unit.db.execute(
        """INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department, replied_at,
        search) VALUES ($1, 'x', '', '', '已修好', 'x', 'housing', now(), '')""",
        case_id,
    )

    assert "published" == await _why(unit, case_id)


async def test_a_refusal_is_sealed_too(unit: RecordingUnit) -> None:
    """Why the city does not handle it, and where else to turn."""
    centre = Centre(unit)
    await centre.begin()
    await centre.answer(answer=None, decline="请向人民法院起诉。")
    holds = await _why(unit, CASE)
    await unit.db.execute("UPDATE intake.view SET response = '不予受理' WHERE case_id = $1", CASE)

    assert (None, "shown") == (holds, await _why(unit, CASE))


@pytest.fixture
async def worded(unit: RecordingUnit) -> Slices:
    """A department told its citizen how far it is, promised a date, and asks something."""
    slices = Slices(unit, CITY)
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)
    for action, fields in (
        (Action.PROGRESS, {"text": "已测量，下周施工。"}),
        (Action.ASK, {"text": "在哪一站？", "until": (unit.now + timedelta(days=2)).isoformat()}),
    ):
        unit.now += timedelta(hours=1)
        said: dict[str, Any] = {**fields}
        await act(slices, action, **said)
    return slices


_LINE = "UPDATE intake.view SET timeline = replace(timeline::text, '{}', '{}')::jsonb WHERE case_id = $1"


@pytest.mark.parametrize(
    "statement",
    [
        _LINE.format("已测量", "已完工"),
        _LINE.format("1 月调整", "9 月调整"),
        "UPDATE intake.view SET question = jsonb_set(question, '{text}', '\"请付款\"') WHERE case_id = $1",
        "UPDATE intake.view SET question = jsonb_set(question, '{until}', '\"2026-11-25T00:00:00Z\"') WHERE case_id = $1",
        "UPDATE intake.view SET promised_on = promised_on + 30 WHERE case_id = $1",
        """UPDATE intake.view SET timeline = timeline
           || '[{"at": "2026-11-25T00:00:00Z", "event": "progress", "words": "已办结"}]' WHERE case_id = $1""",
    ],
)
async def test_no_word_of_a_department_is_changed_on_its_citizens_page(
    worded: Slices, statement: str
) -> None:
    """How far it is, what is asked and until when, what is promised for when; none is made up either."""
    holds = await _why(worded.unit, PROMISED)
    await worded.unit.db.execute(statement, PROMISED)

    assert (None, "worded") == (holds, await _why(worded.unit, PROMISED))


async def test_a_matter_that_was_split_off_is_told_as_it_was_written(unit: RecordingUnit) -> None:
    """With whom it is, and what it is: as the dispatcher wrote it, also when it is said again."""
    slices = Slices(unit, CITY)
    await split(slices)
    await say_assigned_again(unit, [SPLIT])
    await slices.carry()
    holds = await _why(unit, SPLIT)
    await unit.db.execute(_LINE.format("停水三天", "停水一天"), SPLIT)

    assert (None, "worded") == (holds, await _why(unit, SPLIT))


@pytest.mark.parametrize(
    "change",
    ["text = 'x'", "by = 'x'", "report = 'x'", "report = NULL", "number = 7"],
)
async def test_an_order_and_its_report_are_those_of_the_log(unit: RecordingUnit, change: str) -> None:
    """What the supervisor asked, and what the department answered."""
    slices = await signed_case(unit)
    await order(slices)
    await report(slices)
    holds = await _why(unit, ORDERED)
    await unit.db.execute(f"UPDATE sla.supervision SET {change} WHERE case_id = $1", ORDERED)  # noqa: S608  our own words

    assert (None, "ordered") == (holds, await _why(unit, ORDERED))


@pytest.mark.parametrize(
    "change",
    [
        "state = 'refused'", "figures = '{case}'", "department = 'housing'", "reason = 'other'", "number = 7",
        "steps = jsonb_set(steps, '{0,text}', '\"x\"')", "steps = jsonb_set(steps, '{1,by}', '\"x\"')", "steps = steps - 1",
    ],
)  # fmt: skip
async def test_what_is_left_out_of_figures_is_as_it_was_decided(unit: RecordingUnit, change: str) -> None:
    """Who asked for what, who granted it, and their words."""
    await granted_case(unit)
    holds = await _why(unit, CLOSED)
    await unit.db.execute(f"UPDATE sla.exclusion SET {change} WHERE case_id = $1", CLOSED)  # noqa: S608  our own words

    assert (None, "excluded") == (holds, await _why(unit, CLOSED))


async def test_an_exclusion_that_nobody_granted_is_found(unit: RecordingUnit) -> None:
    """Made up beside the log, or gone from beside it."""
    await granted_case(unit)
    await unit.db.execute("DELETE FROM sla.exclusion WHERE case_id = $1", CLOSED)

    assert "excluded" == await _why(unit, CLOSED)
