"""What the API answers: names in the reader's language, codes as they are, dates of the city."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from intake.core.following.view import TimelineEntry, View
from intake.core.public.published import PublishedCase
from intake.web.views import PublicResponse, case_view, published_view
from schemas.city import load_city
from schemas.ids import CaseId
from schemas.words import CaseState, Language

CITY = load_city()
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ID = CaseId("6a1f0000-0000-4000-8000-000000000001")
CASE = View(
    case_id=ID,
    tracking_code="AAAA-BBBB-CCCC-DDDD",
    title="路灯",
    text="坏了",
    received_at=NOW,
    registered_at=NOW,
    state=CaseState.IN_PROGRESS,
    category="labour",
    department="housing",
)
PUBLISHED = PublishedCase(
    case_id=ID,
    tracking_code="AAAA-BBBB-CCCC-DDDD",
    title="路灯",
    text="坏了",
    response="修好了",
    category="labour",
    department="housing",
    region="donghu",
    replied_at=NOW,
)


def test_names_are_the_readers_and_codes_are_the_citys() -> None:
    """Programs read the codes, people the names beside them."""
    chinese, english = (
        case_view(CASE, language, now=NOW, city=CITY, zone=SHANGHAI)
        for language in (Language.ZH, Language.EN)
    )

    assert ("housing", "住房和城乡建设局") == (chinese.department, chinese.department_name)
    assert ("housing", CITY.department["housing"].en) == (english.department, english.department_name)
    assert ("办理中", "in progress") == (chinese.state_label, english.state_label)


def test_what_the_city_no_longer_has_keeps_its_code() -> None:
    """An answer outlives the department that gave it; where there is no district, nothing is made up."""
    gone = msgspec.structs.replace(PUBLISHED, department="gone", category="gone-too", region=None)
    shown = published_view(gone, Language.ZH, city=CITY)

    assert ("gone", "gone-too", None) == (shown.department_name, shown.category_name, shown.region_name)
    assert "gone" == (
        case_view(
            msgspec.structs.replace(CASE, department="gone"), Language.ZH, now=NOW, city=CITY, zone=SHANGHAI
        ).department_name
    )
    assert "东湖区" == published_view(PUBLISHED, Language.ZH, city=CITY).region_name


def test_a_case_has_a_response_once_it_was_given() -> None:
    """With its moment; before that there is none."""
    answered = msgspec.structs.replace(CASE, response="修好了", response_at=NOW)

    assert case_view(CASE, Language.ZH, now=NOW, city=CITY, zone=SHANGHAI).response is None
    assert PublicResponse(text="修好了", at=NOW) == (
        case_view(answered, Language.ZH, now=NOW, city=CITY, zone=SHANGHAI).response
    )


def test_a_deadline_that_may_move_is_said_to_be_one() -> None:
    """As at the desk, so that nobody relies on a date of a year whose holidays are not announced."""
    told = [
        case_view(
            msgspec.structs.replace(CASE, due_at=NOW, provisional=provisional),
            Language.ZH,
            now=NOW,
            city=CITY,
            zone=SHANGHAI,
        ).provisional
        for provisional in (True, False)
    ]

    assert [True, False] == told


def test_a_date_in_a_sentence_is_the_citys() -> None:
    """Half past four in the afternoon, UTC, is the next day in the city."""
    moved = TimelineEntry(
        at=NOW, event="deadline", due_at=datetime(2026, 12, 1, 16, 30, tzinfo=UTC), cause="extended"
    )
    case = msgspec.structs.replace(CASE, timeline=(moved,))

    (line,) = [
        line
        for line in case_view(case, Language.ZH, now=NOW, city=CITY, zone=SHANGHAI).timeline
        if line.event == "deadline"
    ]
    assert "答复时限调整为 2026-12-02（延期）。" == line.text


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ("supplemented", ""),
        ("answered_question", ""),
        ("rated", "好"),
        ("objected", "好"),
        ("progress", "好"),
    ],
)
def test_the_timeline_repeats_nothing_that_was_added(event: str, shown: str) -> None:
    """Not of a row from an earlier build either, which holds the words; they stand among the additions."""
    case = msgspec.structs.replace(CASE, timeline=(TimelineEntry(at=NOW, event=event, words="好", score=5),))

    assert shown == case_view(case, Language.ZH, now=NOW, city=CITY, zone=SHANGHAI).timeline[-1].words


@pytest.mark.parametrize(("hour", "day"), [(16, "2026-11-28"), (15, "2026-11-28"), (17, "2026-11-29")])
def test_what_is_due_at_midnight_is_due_on_the_day_that_ends(hour: int, day: str) -> None:
    """Whoever answered on the day after would be late: midnight in the city is four in the afternoon, UTC."""
    asked = TimelineEntry(
        at=NOW, event="asked", department="housing", due_at=datetime(2026, 11, 28, hour, tzinfo=UTC)
    )
    case = msgspec.structs.replace(CASE, timeline=(asked,))
    shown = case_view(case, Language.EN, now=NOW, city=CITY, zone=SHANGHAI)

    assert f"please answer by {day}." in shown.timeline[-1].text
