"""What dispatchers are told of, and what makes one notice of what is said again."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from routing.core.classify import Classification, classify
from routing.core.doubts import Doubt
from routing.core.notices import AT_ONCE, alarm_notice, danger_notice, waiting_notice
from routing.core.rules import load_rules
from schemas.notices import Audience, Occasion, words_mark
from schemas.words import Urgency
from tests.integration.routing.cases import registered
from tests.unit.routing.decisions.test_review import CASE

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
EVENT = registered()


def _thought(urgency: Urgency, *doubts: Doubt) -> Classification:
    return replace(classify(load_rules(), "一件事", "请看一下。"), urgency=urgency, doubts=doubts)


@pytest.mark.parametrize(
    ("urgency", "doubts", "occasion"),
    [
        (Urgency.EMERGENCY, (), Occasion.EMERGENCY),
        (Urgency.URGENT, (Doubt.UNSURE, Doubt.SOUNDS_DANGEROUS), Occasion.SUSPECTED),
        # Where a rule has found it, it is not suspected besides.
        (Urgency.EMERGENCY, (Doubt.SOUNDS_DANGEROUS,), Occasion.EMERGENCY),
    ],
)
def test_what_is_or_may_be_danger_is_one_notice(
    urgency: Urgency, doubts: tuple[Doubt, ...], occasion: Occasion
) -> None:
    """Heard again later, too; by night as by day."""
    opinion = _thought(urgency, *doubts)
    first, again = danger_notice(EVENT, opinion, NOW), danger_notice(EVENT, opinion, LATER)
    assert first is not None
    assert again is not None

    assert first.id == again.id
    assert (occasion, Audience.DISPATCHERS, EVENT.case_id) == (first.occasion, first.audience, first.case_id)
    assert occasion in AT_ONCE


def test_danger_that_is_said_later_is_told_once_for_the_same_words() -> None:
    """Of what waits, too, though its message told of another; anew with each step of the case, and where it is worse."""
    open_case = replace(CASE, case_id=EVENT.case_id, version=EVENT.version + 1, urgency=Urgency.EMERGENCY)
    urgent = replace(open_case, urgency=Urgency.URGENT)
    for case, occasion in (
        (open_case, Occasion.EMERGENCY),
        (urgent, Occasion.SUSPECTED),
        (replace(open_case, state="routed"), Occasion.DANGER_SAID),
    ):
        every = [
            alarm_notice(case, words_mark(danger, version, words), at)
            for danger, version, words, at in (
                (Urgency.EMERGENCY, 4, "楼塌了", NOW),
                (Urgency.EMERGENCY, 4, "楼塌了", LATER),
                (Urgency.EMERGENCY, 4, "着火了", LATER),
                (Urgency.EMERGENCY, 5, "楼塌了", NOW),
                (Urgency.URGENT, 4, "楼塌了", NOW),
            )
        ]
        assert {occasion} == {one.occasion for one in every}
        assert every[0].id == every[1].id
        assert 4 == len({one.id for one in every})


def test_whatever_else_presses_waits_for_the_round() -> None:
    """And any other doubt."""
    assert danger_notice(EVENT, _thought(Urgency.URGENT, Doubt.UNSURE, Doubt.SOUNDS), NOW) is None


@pytest.mark.parametrize("doubt", [Doubt.UNSURE, Doubt.SOUNDS_DANGEROUS])
@pytest.mark.parametrize("urgency", Urgency)
def test_a_row_of_an_old_list_wakes_nobody(urgency: Urgency, doubt: Doubt) -> None:
    """Twenty thousand of last year tell of hundreds of dangers that are over; the queue shows them all the same."""
    assert danger_notice(replace(EVENT, of_old_list=True), _thought(urgency, doubt), NOW) is None


def test_a_round_is_one_notice_and_nothing_new_none() -> None:
    """Whoever counts, and whenever; the next round is another; no case is named."""
    first, again, following = (
        waiting_notice(2, waiting, day="2026-11-23", round_at=round_at, at=LATER)
        for waiting, round_at in ((5, NOW), (6, NOW), (5, LATER))
    )
    assert first is not None
    assert again is not None
    assert following is not None

    assert first.id == again.id != following.id
    assert (Occasion.WAITING, None) == (first.occasion, first.case_id)
    assert waiting_notice(0, 9, day="2026-11-23", round_at=NOW, at=NOW) is None
