"""The timeline's sentences, word for word where something is put into them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intake.core.following.sentences import department_name, sentence
from intake.core.following.view import TimelineEntry
from schemas.city import load_city
from schemas.ids import DepartmentCode
from schemas.words import Language

CITY = load_city()
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSING = CITY.department[DepartmentCode("housing")]


@pytest.mark.parametrize(
    ("event", "more", "zh", "en"),
    [
        ("extended", {"working_days": 5}, "因情况复杂，办理期限延长 5 个工作日。", "More time was granted: 5 working days."),
        ("rated", {"score": 4}, "您的评价：4 分（满分 5 分）。", "You rated the answer 4 of 5."),
        ("deadline", {"cause": "calendar"}, "答复时限调整为 D（工作日历调整）。",
         "The answer is now due by D (holiday calendar)."),
        ("deadline", {"cause": "of later"}, "答复时限调整为 D（调整）。", "The answer is now due by D (adjusted)."),
        ("deadline", {"cause": "extended", "provisional": True}, "答复时限调整为 D（延期，暂定）。",
         "The answer is now due by D (extension, provisional)."),
        ("suspended", {}, "因需等待外部条件，暂缓办理，最晚到 D。",
         "On hold until D at the latest, waiting for something outside."),
        ("deadline", {}, "答复时限调整为 D（调整）。", "The answer is now due by D (adjusted)."),
        ("assigned", {"department": "housing"}, f"已派给{HOUSING.name(Language.ZH)}办理。",
         f"Assigned to {HOUSING.name(Language.EN)}."),
        ("assigned", {"department": "gone"}, "已派给gone办理。", "Assigned to gone."),
        ("assigned", {}, "已派给承办单位办理。", "Assigned to the department."),
    ],
)  # fmt: skip
def test_what_a_sentence_names(event: str, more: dict[str, Any], zh: str, en: str) -> None:
    """Days, marks, dates, causes and departments, each in the reader's language."""
    entry = TimelineEntry(at=NOW, event=event, **more)

    assert (zh, en) == tuple(sentence(entry, language, CITY, "D") for language in (Language.ZH, Language.EN))


def test_a_departments_name_is_the_readers() -> None:
    """In both languages, and not the same."""
    names = [department_name("housing", language, CITY) for language in (Language.ZH, Language.EN)]

    assert [HOUSING.name(Language.ZH), HOUSING.name(Language.EN)] == names
    assert names[0] != names[1]
