"""What dispatchers are told: that new items wait, some times a day; of an emergency at once."""

from collections.abc import Mapping
from datetime import datetime

from schemas.ids import CaseId
from schemas.notices import Audience, Notice, Occasion

#: What there is to do, by occasion, in Chinese and English.
SENTENCES: Mapping[Occasion, tuple[str, str]] = {
    Occasion.WAITING: (
        "新到 {new} 件待处理，共 {waiting} 件在等。",
        "New to decide: {new}; waiting altogether: {waiting}.",
    ),
    Occasion.EMERGENCY: (
        "有一件特急诉求待派单，请立即处理。",
        "An emergency waits to be dispatched; please see to it at once.",
    ),
}


def emergency_notice(case_id: CaseId, at: datetime) -> Notice:
    """Somebody may be in danger, and no department has the case: said once, by night, too."""
    return Notice(
        occasion=Occasion.EMERGENCY, audience=Audience.DISPATCHERS, at=at, mark="dispatch", case_id=case_id
    )


def waiting_notice(new: int, waiting: int, *, day: str, round_at: datetime, at: datetime) -> Notice | None:
    """What came since the last round, and how much waits; None where nothing came. No case is named."""
    if not new:
        return None
    return Notice(
        occasion=Occasion.WAITING,
        audience=Audience.DISPATCHERS,
        at=at,
        mark=round_at.isoformat(),
        facts={"new": str(new), "waiting": str(waiting), "day": day},
    )
