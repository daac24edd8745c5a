"""A case with a long history: read page by page, at the desk and over HTTP; nothing is lost between two pages."""

from collections.abc import Sequence

from handlers.core.actions.part import AskPartBody
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.core.views import ADDITIONS, TIMELINE_ROWS, DeskCaseQuery
from handlers.steps import act_on_case
from handlers.steps.assign import open_cases
from handlers.steps.read_cases import read_case
from schemas.city import load_city
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk
from tests.unit.handlers.making import HOUSING, TRANSPORT, routed

CITY = load_city()
_NOTES = 2 * TIMELINE_ROWS + 7


async def _lived(unit: RecordingUnit, *, protected: bool = False) -> CaseId:
    """A case of housing with a part asked for early, hundreds of notes, and dozens of additions."""
    event = routed(supporting=(TRANSPORT,))
    await open_cases(unit, [event])
    wang = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
    await act_on_case.act(unit, wang, event.case_id, Action.SIGN, Sign(version=3), CITY)
    asked = AskPartBody(version=4, departments=(TRANSPORT,), text="请提供路况")
    await act_on_case.act(unit, wang, event.case_id, Action.ASK_PART, asked, CITY)
    await unit.db.execute(
        """INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
        SELECT case_id, log_seq + n, now() + n * interval '1 second', 'housing', 'lead', 'note', state, state, version,
               jsonb_build_object('text', '记录' || n), '' FROM handlers.case, generate_series(1, $2) AS n
        WHERE case_id = $1""",
        event.case_id,
        _NOTES,
    )
    await unit.db.execute(
        """INSERT INTO handlers.supplement (case_id, at, text, said)
        SELECT $1, now() + n * interval '1 second', '补充' || n, 'addition' FROM generate_series(1, $2) AS n""",
        event.case_id,
        ADDITIONS + 5,
    )
    await unit.db.execute(
        "UPDATE handlers.case SET protected = $2 WHERE case_id = $1", event.case_id, protected
    )
    return event.case_id


async def test_every_row_stands_on_one_page(unit: RecordingUnit) -> None:
    """The latest first; the pages together are the whole history in the order of time."""
    case_id = await _lived(unit)
    pages: list[Sequence[str]] = []
    query = DeskCaseQuery()
    while True:
        case = await read_case(unit, HOUSING, case_id, query)
        pages.insert(0, [row.text for row in case.timeline if row.event == Action.NOTE])
        assert len(case.timeline) <= TIMELINE_ROWS
        assert [("请提供路况", "asked")] == [(part.text, part.state) for part in case.parts]
        if case.older_timeline is None:
            break
        query = DeskCaseQuery(timeline_before=case.older_timeline)

    assert [f"记录{n}" for n in range(1, _NOTES + 1)] == [text for page in pages for text in page]


async def test_additions_come_by_twenties(unit: RecordingUnit) -> None:
    """The latest twenty in the order of time, and then those before."""
    case_id = await _lived(unit)
    latest = await read_case(unit, HOUSING, case_id)
    before = await read_case(
        unit, HOUSING, case_id, DeskCaseQuery(supplements_before=latest.older_supplements)
    )

    assert [f"补充{n}" for n in range(6, 26)] == [each.text for each in latest.supplements]
    assert [f"补充{n}" for n in range(1, 6)] == [each.text for each in before.supplements]
    assert before.older_supplements is None


async def test_who_had_a_protected_case_stands_on_no_page(unit: RecordingUnit) -> None:
    """However far somebody reads back: the history begins where the department got it."""
    case_id = await _lived(unit, protected=True)
    rows = await unit.db.fetch("SELECT max(seq) AS last FROM handlers.log WHERE case_id = $1", case_id)
    await unit.db.execute(
        """INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
        SELECT case_id, $2, now(), 'li', 'dispatcher', 'route', state, state, version, '{}', '' FROM handlers.case
        WHERE case_id = $1""",
        case_id,
        rows[0]["last"] + 1,
    )
    case = await read_case(unit, HOUSING, case_id)

    assert [Action.ROUTE] == [row.event for row in case.timeline]
    assert (None, ()) == (case.older_timeline, case.parts)


async def test_the_page_leads_there_and_back(unit: RecordingUnit) -> None:
    """A link to what is older, and one back to the latest."""
    clerk = Clerk(unit, HOUSING)
    case_id = await _lived(unit)
    html = await clerk.open(f"/desk/{case_id}")
    case = await read_case(unit, HOUSING, case_id)
    older = await clerk.open(f"/desk/{case_id}?timeline_before={case.older_timeline}")

    assert f'href="/desk/{case_id}?timeline_before={case.older_timeline}#timeline"' in html
    assert f'href="/desk/{case_id}?supplements_before={case.older_supplements}#added"' in html
    assert "记录50<" in older
    assert "记录50<" not in html
    assert f'href="/desk/{case_id}#timeline"' in older
