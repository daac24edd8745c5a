"""Keep the counts that a search weighs its words by near what there is."""

from intake.store import searching as store
from schemas.ports import Unit

#: Counted anew once the number of answers has changed by so much of itself (project choice: weights are logarithms).
_CHANGED_BY = 0.1


async def count_words(unit: Unit) -> bool:
    """Count anew in how many answers each word stands, where that must have changed; whether it did."""
    now, counted = await store.answers_counted(unit.db)
    if not are_outdated(now, counted):
        return False
    await store.count_words(unit.db)
    return True


def are_outdated(now: int, counted: int) -> bool:
    """Whether words that were counted among so many answers, -1 for never, must be counted anew among those of now."""
    return counted < 0 or abs(now - counted) > _CHANGED_BY * counted
