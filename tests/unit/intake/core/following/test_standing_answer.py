"""Which answer of a case stands for its citizen, where it was taken back, or was another case's that it has left."""

from datetime import timedelta

import pytest

from intake.core.following.sentences import sentence
from intake.core.following.view import TimelineEntry
from schemas.words import CaseState, Language
from tests.unit.intake.core.following.test_view import CITY, _view
from tests.unit.intake.messages import NOW


def test_of_an_answer_that_was_another_cases_no_word_is_left() -> None:
    """Once they are merged no more: its citizen may keep more of it to themselves since, or staff. That it came is told."""
    told = [
        ("merged", ""),
        ("answered", "已约谈春燕。"),
        ("objected", "不是一回事"),
        ("in_review", ""),
        ("answered", "已办。"),
    ]
    timeline = tuple(
        TimelineEntry(
            at=NOW + timedelta(minutes=place),
            event=event,
            words=words,
            cause="unmerged" if event == "in_review" else None,
        )
        for place, (event, words) in enumerate(told, 1)
    )
    lines = _view(CaseState.CLOSED, timeline=timeline).whole_timeline[2:]

    assert ["merged", "answered_elsewhere", "objected", "in_review", "answered"] == [
        line.event for line in lines
    ]
    assert ["", "", "不是一回事", "", "已办。"] == [line.words for line in lines]
    assert "那份答复不再是本件的答复" in sentence(lines[1], Language.ZH, CITY)


@pytest.mark.parametrize(
    ("lines", "stands"),
    [
        (["declined"], True),
        (["declined", "undone"], False),
        (["declined", "undone", "in_review", "assigned", "in_progress"], False),
        (["answered_directly", "closed", "undone"], False),
        (["answered_directly", "in_review", "recalled"], False),
        (["answered_directly", "in_review", "recalled", "answered_directly"], True),
        (["declined", "undone", "assigned", "answered"], True),
        (["answered", "closed", "objected", "reopened", "assigned", "undone"], True),
        (["answered", "in_review", "assigned", "undone"], True),
        (["merged", "answered"], True),
        (["merged", "answered", "in_review"], False),
        (["merged", "answered", "undone"], False),
        (["merged", "in_review", "answered", "objected", "in_review", "assigned", "in_progress"], False),
        (["answered", "objected", "reopened", "merged", "in_review"], True),
        (["merged", "answered", "in_review", "assigned", "replied", "answered"], True),
        (["merged", "answered", "in_review", "merged", "answered"], True),
    ],
)
def test_what_was_taken_back_at_once_is_no_answer(lines: list[str], stands: bool) -> None:
    """An undone refusal stood there as the last answer while the case went on; an undone dispatch takes none back.

    The answer of a case that this one is merged into no more is none of it; its own is, and that of another one.
    """
    told = tuple(
        TimelineEntry(at=NOW + timedelta(minutes=at), event=event) for at, event in enumerate(lines, 1)
    )
    view = _view(CaseState.IN_REVIEW, response="请依法起诉。", response_at=NOW, timeline=told)

    assert ("请依法起诉。" if stands else None) == view.standing_response
