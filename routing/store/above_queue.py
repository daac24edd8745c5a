"""What is shown above the review queue: the first of each kind, and how many there are up to a limit."""

from collections.abc import Sequence

from routing.core.decisions.queue import COUNTED, Waiting
from routing.core.decisions.review import RoutingCase
from routing.store.cases import read_case
from routing.store.items import as_waiting
from schemas.ports import Database

# A flood makes everybody look at the queue, just while thousands are in these lists: whole rows are read for the few that
# are shown, and counting stops at `COUNTED`.
_SHOWN = """
SELECT c.*, to_jsonb(i) AS item
FROM (SELECT i.case_id, i.kind, i.version FROM {which} ORDER BY i.opened_at {order} LIMIT $1) AS n
JOIN routing.review_item AS i ON (i.case_id, i.kind, i.version) = (n.case_id, n.kind, n.version)
JOIN routing.case AS c ON c.case_id = n.case_id ORDER BY i.opened_at {order}
"""
_COUNT = "SELECT count(*) FROM (SELECT FROM {which} LIMIT $1) AS n"
_URGED = """routing.review_item AS i JOIN routing.case AS u ON u.case_id = i.case_id AND u.urged_count > 0
    WHERE i.state = 'open'"""
# The queue's index: what is decided is not in it.
_DOUBTFUL = (
    "routing.review_item AS i WHERE i.state = 'open' AND i.kind = 'dispatch' AND i.detail -> 'doubts' ? $2"
)
_UNSEEN = "routing.case WHERE danger_unseen_since IS NOT NULL AND state <> 'open'"


async def urged(db: Database, limit: int) -> tuple[list[Waiting], int]:
    """What waits about cases that supervisors urged, the oldest first; how many there are, `COUNTED` at most."""
    rows = await db.fetch(_SHOWN.format(which=_URGED, order="ASC"), limit)
    return as_waiting(rows), await _count(db, _URGED, len(rows), limit)


async def doubtful(db: Database, doubt: str, limit: int) -> tuple[list[Waiting], int]:
    """Cases that wait to be dispatched with this doubt about them, the latest first; how many, `COUNTED` at most."""
    rows = await db.fetch(_SHOWN.format(which=_DOUBTFUL, order="DESC"), limit, doubt)
    return as_waiting(rows), await _count(db, _DOUBTFUL, len(rows), limit, doubt)


async def unseen(db: Database, limit: int) -> tuple[Sequence[RoutingCase], int]:
    """Cases that wait for no dispatch, and of which danger was told that nobody has looked at: who waits longest first.

    With how many there are, `COUNTED` at most.
    """
    # The index of these: few, for as long as nobody has looked.
    rows = await db.fetch(
        f"""
        SELECT c.* FROM (
            SELECT case_id FROM {_UNSEEN} ORDER BY danger_unseen_since, case_id LIMIT $1) AS n
        JOIN routing.case AS c USING (case_id) ORDER BY c.danger_unseen_since, c.case_id
        """,  # noqa: S608  our own constant
        limit,
    )
    return [read_case(row) for row in rows], await _count(db, _UNSEEN, len(rows), limit)


async def _count(db: Database, which: str, listed: int, limit: int, *more: str) -> int:
    """How many there are; where not even a screen is full, they are listed."""
    if listed < limit:
        return listed
    count: int = await db.fetchval(_COUNT.format(which=which), COUNTED, *more)
    return count
