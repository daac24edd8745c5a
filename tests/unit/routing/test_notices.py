"""What dispatchers are told of, and what makes one notice of what is said again."""

from datetime import UTC, datetime

from routing.core.notices import emergency_notice, waiting_notice
from schemas.ids import CaseId
from schemas.notices import Audience, Occasion

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CASE = CaseId("00000000-0000-0000-0000-000000000001")


def test_an_emergency_is_one_notice() -> None:
    """Heard again later, too."""
    first, again = emergency_notice(CASE, NOW), emergency_notice(CASE, LATER)

    assert first.id == again.id
    assert (Audience.DISPATCHERS, CASE) == (first.audience, first.case_id)


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
