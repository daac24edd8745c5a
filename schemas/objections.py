"""Until when citizens may object (异议): one rule for answers (handlers) and for refusals (routing)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.days import day_of, end_of_day

#: Regulation on Petitioning (信访工作条例, 2022) Art. 35: who disagrees asks for a review within 30 days of the answer. To a
#: refusal: project choice, as long as to an answer. The last day counts whole.
OBJECT_WITHIN = timedelta(days=30)


def objection_until(decided_at: datetime, zone: ZoneInfo) -> datetime:
    """The last moment for an objection to what was decided then: the end of the last day, in the city's zone."""
    return end_of_day(day_of(decided_at + OBJECT_WITHIN, zone), zone)
