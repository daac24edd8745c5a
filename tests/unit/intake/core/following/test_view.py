"""What the citizen sees, and may do."""

from datetime import datetime, timedelta

import pytest

from intake.core.following.sentences import SENTENCES, sentence
from intake.core.following.view import TimelineEntry, View, allowed_actions, pending_actions
from intake.core.following.view_changes import FOLLOWED, change_of, deadline_entry
from schemas.city import load_city
from schemas.events.handlers import (
    CaseClosed,
    CaseReturned,
    ExtensionDecided,
    ReplySentBack,
    RequestDropped,
)
from schemas.events.routing import CaseDeclined, ReviewRequested
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from schemas.words import CaseState, CitizenAction, Language, ReviewKind
from tests.unit.intake.messages import NOW

CASE = CaseId("6a1f0000-0000-4000-8000-000000000001")
CITY = load_city()


def _view(state: CaseState, **more: object) -> View:
    given = {
        "case_id": CASE,
        "tracking_code": "X",
        "title": "",
        "text": "",
        "received_at": NOW,
        "registered_at": NOW,
    }
    return View(state=state, **(given | more))  # type: ignore[arg-type]  # the tests name fields that exist


@pytest.mark.parametrize("state", list(CaseState))
def test_what_a_department_said_is_offered(state: CaseState) -> None:
    """Whatever the state: the lifecycle is not worked out here."""
    told = (CitizenAction.OBJECTION,)

    assert ["objection"] == allowed_actions(_view(state, citizen_may=told), NOW)
    assert [] == allowed_actions(_view(state, citizen_may=()), NOW)


def test_until_a_department_has_it_a_case_is_added_to_and_taken_back() -> None:
    """Nothing before it is registered; and nothing where a department has it and said nothing."""
    assert ["supplement", "withdrawal"] == allowed_actions(_view(CaseState.REGISTERED), NOW)
    assert ["supplement", "withdrawal"] == allowed_actions(_view(CaseState.IN_REVIEW), NOW)
    assert [] == allowed_actions(_view(CaseState.RECEIVED, registered_at=None), NOW)
    assert [] == allowed_actions(_view(CaseState.IN_PROGRESS), NOW)


RATED = TimelineEntry(at=NOW, event="rated", score=5)


def test_each_answer_is_rated_once() -> None:
    """The one that came after an objection may be rated anew."""
    told = (CitizenAction.RATING, CitizenAction.OBJECTION)
    answered = TimelineEntry(at=NOW, event="answered")
    first, second = (
        _view(CaseState.CLOSED, citizen_may=told, rating=5, timeline=lines)
        for lines in ((answered, RATED), (answered, RATED, answered))
    )

    assert ["objection"] == allowed_actions(first, NOW)
    assert ["rating", "objection"] == allowed_actions(second, NOW)


def test_an_objection_is_offered_until_its_last_moment() -> None:
    """The lifecycle names it."""
    view = _view(CaseState.CLOSED, citizen_may=(CitizenAction.OBJECTION,), objection_until=NOW)

    assert ["objection"] == allowed_actions(view, NOW)
    assert [] == allowed_actions(view, NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("state", "lines", "pending"),
    [
        (CaseState.IN_PROGRESS, ["withdrawal"], ["withdrawal"]),
        (CaseState.REPLIED, ["withdrawal", "withdrawal_dropped"], []),
        (CaseState.WITHDRAWN, ["withdrawal", "withdrawn"], []),
        (CaseState.WITHDRAWN, ["withdrawal"], []),
        (CaseState.CLOSED, ["objected"], ["objection"]),
        (CaseState.REOPENED, ["objected", "reopened"], []),
        (CaseState.CLOSED, ["objected", "objection_dropped"], []),
        (CaseState.DECLINED, ["declined", "objected", "undone", "declined"], []),
    ],
)
def test_what_was_accepted_and_is_not_done_is_pending(
    state: CaseState, lines: list[str], pending: list[str]
) -> None:
    """Until a line says what came of it."""
    timeline = tuple(
        TimelineEntry(at=NOW + timedelta(seconds=place), event=line) for place, line in enumerate(lines)
    )

    assert pending == pending_actions(_view(state, timeline=timeline))


@pytest.mark.parametrize(
    ("asked", "by", "line"),
    [
        ("case.withdrawn", "", "withdrawal_dropped"),
        ("citizen.objected", "", "objection_dropped"),
        ("review.decided", "li", None),
        ("case.routed", "li", None),
    ],
)
def test_what_was_not_done_is_told_to_the_citizen_who_asked(asked: str, by: str, line: str | None) -> None:
    """A dispatcher's decision is the city's own business; where the case stands is told either way."""
    change = change_of(
        RequestDropped(
            case_id=CASE, version=5, at=NOW, asked=asked, asked_at=NOW, asked_version=4, by=by,
            state=CaseState.REPLIED, lead=DepartmentCode("housing"), category=CategoryCode("housing"),
        )
    )  # fmt: skip

    assert (line, CaseState.REPLIED) == (change.entry and change.entry.event, change.state)


def test_only_reviews_of_the_dispatch_concern_the_citizen() -> None:
    """And that of their own objection; a reply under review or an extension asked for is the city's own business."""
    entries = {
        kind: change_of(ReviewRequested(case_id=CASE, version=2, at=NOW, kind=kind)).entry
        for kind in ReviewKind
    }

    assert entries.pop(ReviewKind.DISPATCH) is not None
    assert entries.pop(ReviewKind.OBJECTION) is not None
    assert {None} == set(entries.values())


def test_internal_words_never_reach_the_timeline() -> None:
    """Why a department returned a case is not for the citizen."""
    event = CaseReturned(
        case_id=CASE,
        version=4,
        at=NOW,
        department=DepartmentCode("housing"),
        reason="不是我们的",
        basis="三定方案",
        return_count=1,
    )
    entry = change_of(event).entry

    assert entry is not None
    assert "不是" not in sentence(entry, Language.ZH, CITY)


def test_a_declined_case_shows_the_legal_route_as_its_answer() -> None:
    """The citizen is told where to go."""
    declined = CaseDeclined(
        case_id=CASE, version=2, at=NOW, legal_route="请向法院起诉", decided_by="d", state=CaseState.DECLINED,
        citizen_may=(),
    )  # fmt: skip
    change = change_of(declined)

    assert (CaseState.DECLINED, (), "请向法院起诉") == (change.state, change.citizen_may, change.response)


def test_a_refused_extension_says_nothing() -> None:
    """Only what changes something for the citizen is a line."""
    refused = ExtensionDecided(
        case_id=CASE, version=5, at=NOW, granted=False, working_days=3, decided_by="d", extension_count=0
    )

    assert change_of(refused).entry is None


@pytest.mark.parametrize("outcome", ["answered", "declined", "merged", "withdrawn"])
def test_the_end_shows_whatever_the_outcome(outcome: str) -> None:
    """The state is the one that handlers says."""
    event = CaseClosed(case_id=CASE, version=9, at=NOW, outcome=outcome, state=CaseState.CLOSED)  # type: ignore[arg-type]  # mypy sees a str

    assert CaseState.CLOSED == change_of(event).state


def test_a_deadline_is_a_line_only_when_it_moves() -> None:
    """The first shows as the due date; a later one says why it moved."""
    first = DeadlineSet(
        case_id=CASE,
        version=3,
        at=NOW,
        due_at=NOW + timedelta(days=7),
        department=DepartmentCode("housing"),
        deadline_version=1,
        rule="general",
    )
    moved = DeadlineSet(
        **{name: getattr(first, name) for name in first.__struct_fields__} | {"cause": "extended"}
    )

    assert deadline_entry(first) is None
    entry = deadline_entry(moved)
    assert entry is not None
    assert "答复时限调整为 2026-11-30（延期）。" == sentence(entry, Language.ZH, CITY, "2026-11-30")


def test_every_event_followed_is_known() -> None:
    """Each has its place in the table, once."""
    assert len(FOLLOWED) == len(set(FOLLOWED))


def test_the_timeline_begins_with_reception_and_is_in_order() -> None:
    """Lines are sorted by their own time, however they were heard."""
    later, earlier = NOW + timedelta(hours=2), NOW + timedelta(hours=1)
    view = _view(
        CaseState.IN_PROGRESS,
        timeline=(
            TimelineEntry(at=later, event="in_progress"),
            TimelineEntry(at=earlier, event="assigned", department="housing"),
        ),
    )

    assert ["received", "registered", "assigned", "in_progress"] == [
        line.event for line in view.whole_timeline
    ]


@pytest.mark.parametrize("language", list(Language))
def test_every_line_can_be_read(language: Language) -> None:
    """No code without a sentence, also where a department no longer exists."""
    for event in SENTENCES:
        text = sentence(
            TimelineEntry(at=NOW, event=event, department="gone", cause="new"), language, CITY, "2026-11-30"
        )

        assert text
        assert "{" not in text


@pytest.mark.parametrize(
    ("state", "events", "is_objected"),
    [
        (CaseState.CLOSED, ("answered", "closed"), False),
        (CaseState.CLOSED, ("answered", "closed", "objected"), True),
        (CaseState.CLOSED, ("closed", "objected", "rated"), True),
        (CaseState.CLOSED, ("closed", "objected", "reopened", "answered", "closed"), False),
        (CaseState.REOPENED, ("closed", "objected", "reopened"), False),
        (CaseState.IN_PROGRESS, ("closed", "objected"), False),
        (CaseState.MERGED, ("merged", "answered", "objected"), True),
        (CaseState.IN_REVIEW, ("merged", "answered", "objected", "in_review"), False),
        (CaseState.CLOSED, ("closed", "objected", "objection_dropped"), False),
        (CaseState.MERGED, ("merged", "answered", "objected", "in_review", "merged"), False),
    ],
)
def test_an_objection_shows_until_somebody_takes_it_up(
    state: CaseState, events: tuple[str, ...], is_objected: bool
) -> None:
    """The state is still that of the outcome: the citizen must not read that all is settled."""
    timeline = tuple(
        TimelineEntry(at=NOW + timedelta(hours=hour), event=event) for hour, event in enumerate(events, 1)
    )

    assert is_objected is _view(state, timeline=timeline).is_objected


def test_an_objection_to_what_was_taken_back_a_moment_before_is_none() -> None:
    """The citizen had not heard of it yet: as they heard it counts, whatever the moments say."""
    timeline = tuple(
        TimelineEntry(at=NOW + timedelta(minutes=minute), event=event)
        for minute, event in (
            (1, "answered_directly"),
            (3, "objected"),
            (2, "undone"),
            (4, "answered_directly"),
        )
    )
    view = _view(CaseState.CLOSED, timeline=timeline)

    assert ([], False) == (pending_actions(view), view.is_objected)


def test_a_reply_that_was_sent_back_is_a_line() -> None:
    """Without the remarks, which are for the department."""
    event = ReplySentBack(
        case_id=CASE, version=7, at=NOW, department=DepartmentCode("housing"), remarks="没写时间",
        state=CaseState.IN_PROGRESS,
    )  # fmt: skip
    entry = change_of(event).entry

    assert entry is not None
    assert "答复需要修改，住房和城乡建设局正在重写。" == sentence(entry, Language.ZH, CITY)


LATER = NOW + timedelta(hours=1)
DUE = NOW + timedelta(days=9)


def _line(event: str, at: datetime = NOW, **more: object) -> TimelineEntry:
    return TimelineEntry(at=at, event=event, **more)  # type: ignore[arg-type]  # the tests name fields that exist


def test_a_case_that_goes_on_by_itself_is_said_to() -> None:
    """Its citizen was told that it is handled together with another one: a dispatcher decides why now."""
    entry = TimelineEntry(at=NOW, event="in_review", cause="unmerged")

    assert "不再与另一件合并办理，正在由派单员研判由谁单独办理。" == sentence(entry, Language.ZH, CITY)


@pytest.mark.parametrize(
    ("state", "lines", "is_direct"),
    [
        (CaseState.CLOSED, ["answered_directly"], True),
        (CaseState.IN_REVIEW, ["answered_directly"], False),
        (CaseState.CLOSED, ["answered_directly", "in_review", "answered"], False),
        (CaseState.CLOSED, ["in_review", "answered_directly", "rated"], True),
        (CaseState.CLOSED, [], False),
    ],
)
def test_whose_answer_stands(state: CaseState, lines: list[str], is_direct: bool) -> None:
    """The last one's; none where a dispatcher decides once more."""
    assert is_direct is _view(state, timeline=tuple(map(_line, lines))).is_answered_directly


def test_a_citizen_is_asked_back_while_the_case_is_closed() -> None:
    """Until the moment that they were told."""
    lines = (_line("answered"), _line("asked_back", due_at=DUE))

    assert DUE == _view(CaseState.CLOSED, timeline=lines).asked_back_until
    assert _view(CaseState.REOPENED, timeline=lines).asked_back_until is None


def test_whether_it_is_settled_is_what_was_said_last() -> None:
    """Whoever was not reached said nothing."""
    said = [_line("called_back", cause=cause) for cause in ("no", "unreached", "partly", "unreached")]
    lines = (*said, _line("reopened", cause="yes"))

    assert "partly" == _view(CaseState.CLOSED, timeline=lines).solved
    assert _view(CaseState.CLOSED, timeline=(_line("called_back", cause="unreached"),)).solved is None


def test_a_promise_holds_until_it_is_kept() -> None:
    """The last one, while the case is open; a reopening or a refusal ends it; a record of before it had a moment is none."""
    first, second = (
        _line("promised", at, due_at=due, words=words)
        for at, due, words in ((NOW, LATER, "先勘察"), (LATER, DUE, "分三期更换"))
    )
    promised = _view(CaseState.IN_PROGRESS, timeline=(first, second)).promise

    assert promised is not None
    assert (DUE, "分三期更换") == (promised.until, promised.plan)
    for state, lines in (
        (CaseState.CLOSED, (first, second)),
        (CaseState.REOPENED, (first, _line("reopened", LATER))),
        (CaseState.IN_REVIEW, (first, _line("declined", LATER), _line("undone", LATER))),
        (CaseState.IN_PROGRESS, (_line("promised"),)),
        (CaseState.IN_PROGRESS, ()),
    ):
        assert _view(state, timeline=lines).promise is None


def test_a_pause_ends_when_its_line_says() -> None:
    """The last pause's, whatever came after it; none where the case goes on."""
    lines = (
        _line("suspended", due_at=LATER),
        _line("resumed"),
        _line("suspended", due_at=DUE),
        _line("progress"),
    )

    assert DUE == _view(CaseState.SUSPENDED, timeline=lines).paused_until
    assert _view(CaseState.IN_PROGRESS, timeline=lines).paused_until is None
    assert _view(CaseState.SUSPENDED).paused_until is None
