"""What waits to be sent, and what became of it: all SQL about notices but the one that adds them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from schemas.ids import CaseId, DepartmentCode
from schemas.keysets import falls_below
from schemas.notices import Audience, KeptNotice, NoticeChannel, NoticeState, Occasion
from schemas.ports import Database

log = structlog.get_logger()

#: Needs a person: of these `list` and the page speak first.
TROUBLED = (NoticeState.FAILED, NoticeState.BOUNCED, NoticeState.GIVEN_UP)
#: Why one is tried again that may have arrived.
PERHAPS = "perhaps-sent"
#: Why one waits that was not tried: another one to the same receiver was.
BEHIND = "behind-another"
#: A channel that the settings lack is missing by mistake for no longer (project choice).
UNCARRIED_FOR = timedelta(hours=1)
#: Those behind a probe are due when it has shown something, or are put off with it again (project choice).
AFTER_PROBE = timedelta(seconds=30)
#: After so many tries a citizen's news holds up no longer what happened to its case since: half an hour (project choice);
#: until then each pause is shorter than this.
HOLDS_UP_TRIES = 5
_HOLDS_UP_PAUSE = timedelta(minutes=20)
_facts = msgspec.json.Decoder(dict[str, str])


async def take(
    db: Database, channels: Sequence[NoticeChannel], now: datetime, *, lease: timedelta, limit: int
) -> Sequence[KeptNotice]:
    """The next that are to be sent: nobody else takes them before the lease has run out.

    Whoever takes one counts as a try: `settle` and `put_off` change only what nobody else took since. One that had to wait
    is news from when it may be sent. A citizen's waits while another of its case is being sent, or was tried and put off.
    """
    # The oldest of a partial index that holds only what waits; what holds others up is read once, however much it is.
    rows = await db.fetch(
        """
        UPDATE deploy.notice AS n SET send_after = $1::timestamptz + $3::interval, attempts = n.attempts + 1,
            at = CASE WHEN n.attempts = 0 OR n.reason = 'quiet-hours' THEN greatest(n.at, n.send_after) ELSE n.at END
        FROM (
            SELECT id, at AS happened_at FROM deploy.notice
            WHERE state = 'waiting' AND send_after <= $1 AND channel = ANY($2::text[])
              AND (audience <> $5 OR case_id IS NULL OR (case_id, channel) NOT IN (
                  SELECT e.case_id, e.channel FROM deploy.notice AS e
                  WHERE e.state = 'waiting' AND e.send_after > $1 AND e.send_after <= $1 + $6::interval AND e.audience = $5
                    AND e.attempts BETWEEN 1 AND $7 AND e.reason NOT IN ('quiet-hours', $8) AND e.case_id IS NOT NULL))
            ORDER BY send_after LIMIT $4 FOR UPDATE SKIP LOCKED
        ) AS next
        WHERE n.id = next.id
        RETURNING n.id, n.occasion, n.audience, n.channel, n.at, n.attempts, n.case_id, n.department, n.endpoint_id, n.facts,
            n.reason, next.happened_at
        """,
        now,
        [channel.value for channel in channels],
        lease,
        limit,
        Audience.CITIZEN.value,
        _HOLDS_UP_PAUSE,
        HOLDS_UP_TRIES,
        BEHIND,
    )
    # What waited for the morning is news of one moment, and happened one after the other.
    return list(_readable(sorted(rows, key=lambda row: (row["happened_at"], row["id"]))))


def _readable(rows: Sequence[Any]) -> Iterator[KeptNotice]:
    """Those that this release knows; of another's words somebody else, or a later one, takes care after the lease."""
    for row in rows:
        try:
            yield _notice(row)
        except (ValueError, msgspec.MsgspecError) as error:
            log.error("notice.unreadable", notice=str(row["id"]), error=type(error).__name__)


def _notice(row: Any) -> KeptNotice:
    return KeptNotice(
        id=str(row["id"]),
        occasion=Occasion(row["occasion"]),
        audience=Audience(row["audience"]),
        channel=NoticeChannel(row["channel"]),
        at=row["at"],
        attempts=row["attempts"],
        case_id=row["case_id"] and CaseId(str(row["case_id"])),
        department=DepartmentCode(row["department"]) if row["department"] else None,
        endpoint_id=row["endpoint_id"] and str(row["endpoint_id"]),
        facts=_facts.decode(row["facts"]),
        reason=row["reason"],
    )


async def settle(
    db: Database,
    notices: Sequence[KeptNotice],
    state: NoticeState,
    now: datetime,
    *,
    reason: str = "",
    shown_to: str = "",
) -> None:
    """What became of them, unless somebody else took them since. What bounced meanwhile stays so."""
    # Some rows by their primary keys.
    await db.execute(
        """
        UPDATE deploy.notice AS n SET state = $3, settled_at = $4, reason = $5, shown_to = $6
        FROM unnest($1::uuid[], $2::int[]) AS t (id, attempts)
        WHERE n.id = t.id AND n.attempts = t.attempts AND n.state = 'waiting'
        """,
        [notice.id for notice in notices],
        [notice.attempts for notice in notices],
        state.value,
        now,
        reason,
        shown_to,
    )


async def put_off(
    db: Database, notices: Sequence[KeptNotice], until: datetime, *, reason: str, shown_to: str = ""
) -> None:
    """They are tried again then; of one that may have arrived that is said until the end."""
    # Some rows by their primary keys.
    await db.execute(
        """
        UPDATE deploy.notice AS n SET send_after = $3, shown_to = $5,
            reason = CASE WHEN n.reason = $6 THEN n.reason ELSE $4 END
        FROM unnest($1::uuid[], $2::int[]) AS t (id, attempts)
        WHERE n.id = t.id AND n.attempts = t.attempts AND n.state = 'waiting'
        """,
        [notice.id for notice in notices],
        [notice.attempts for notice in notices],
        until,
        reason,
        shown_to,
        PERHAPS,
    )


async def put_off_endpoint(
    db: Database, probe: KeptNotice, until: datetime, now: datetime, *, reason: str
) -> None:
    """All that is due there waits until then, but `probe`, which shows whether anything is taken again, and tests."""
    # What is due, by the index of what waits. One that was never tried is as late as it is, all the same.
    await db.execute(
        """
        UPDATE deploy.notice SET send_after = $2, reason = $5, attempts = greatest(attempts, 1),
            at = CASE WHEN attempts = 0 THEN greatest(at, send_after) ELSE at END
        WHERE state = 'waiting' AND send_after <= $4 AND endpoint_id = $1::uuid AND id <> $3::uuid AND occasion <> $6
        """,
        probe.endpoint_id,
        until,
        probe.id,
        now,
        reason,
        Occasion.TEST.value,
    )


async def give_up_uncarried(db: Database, channels: Sequence[NoticeChannel], now: datetime) -> int:
    """Give up what is due and has nothing to travel by, once that is no restart's mistake; how many that were."""
    # The oldest by the index of what waits.
    rows = await db.fetch(
        """
        UPDATE deploy.notice SET state = 'given_up', settled_at = $2, reason = 'no-channel'
        WHERE id IN (SELECT id FROM deploy.notice
            WHERE state = 'waiting' AND send_after <= $3 AND channel <> ALL($1::text[]) ORDER BY send_after LIMIT 1000)
            AND state = 'waiting'
        RETURNING id
        """,
        [channel.value for channel in channels],
        now,
        now - UNCARRIED_FOR,
    )
    return len(rows)


async def note_bounced(db: Database, notice_id: str, now: datetime, reason: str) -> bool:
    """Note that the letter of this notice came back; False where it is none of ours, or that was known."""
    # One row by the primary key; with those of an office that went out in the same letter, by the index of moments.
    row = await db.fetchrow(
        """
        UPDATE deploy.notice AS n SET state = 'bounced', settled_at = $2, reason = $3
        FROM (SELECT id, endpoint_id, settled_at, at FROM deploy.notice WHERE id = $1::uuid AND channel = 'email') AS b
        WHERE (n.id = b.id OR n.endpoint_id = b.endpoint_id AND n.settled_at = b.settled_at
               AND n.at BETWEEN b.at - interval '1 day' AND b.at + interval '1 day')
            AND (n.state = 'sent' OR n.state = 'waiting' AND n.attempts > 0)
        RETURNING n.id
        """,
        notice_id,
        now,
        reason,
    )
    return row is not None


async def listed(
    db: Database,
    *,
    states: Sequence[NoticeState] = (),
    before: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> Sequence[Any]:
    """The newest first, behind `before`; only those in `states`, where there are any."""
    # By the index of moments, or of trouble.
    return await db.fetch(
        f"""
        SELECT id, occasion, case_id, audience, department, channel, at, send_after, state, attempts, settled_at, reason,
               shown_to
        FROM deploy.notice
        WHERE (cardinality($1::text[]) = 0 OR state = ANY($1))
          AND {falls_below(2, timestamptz="at", uuid="id")}
        ORDER BY at DESC, id DESC LIMIT $4
        """,  # noqa: S608  made of constants
        [state.value for state in states],
        before and before[0],
        before and before[1],
        limit,
    )


async def retry(db: Database, ids: Sequence[str], now: datetime) -> Sequence[str]:
    """Those of these that failed are tried again, from the beginning; none named: all that failed. Gives their ids."""
    # Some rows by their primary keys, or all in the index of trouble.
    rows = await db.fetch(
        """
        UPDATE deploy.notice SET state = 'waiting', settled_at = NULL, reason = '', send_after = $2, at = $2,
            attempts = 0
        WHERE state IN ('failed', 'bounced', 'given_up') AND (cardinality($1::uuid[]) = 0 OR id = ANY($1))
        RETURNING id
        """,
        ids,
        now,
    )
    return [str(row["id"]) for row in rows]


async def retry_endpoint(db: Database, endpoint_id: str, now: datetime) -> int:
    """What failed because this address was switched off is tried again, from the beginning; how many that are."""
    # Some rows in the index of trouble.
    rows = await db.fetch(
        """
        UPDATE deploy.notice SET state = 'waiting', settled_at = NULL, reason = '', send_after = $2, at = $2,
            attempts = 0
        WHERE state = 'failed' AND reason = 'disabled' AND endpoint_id = $1::uuid RETURNING id
        """,
        endpoint_id,
        now,
    )
    return len(rows)


async def waiting(db: Database, now: datetime) -> tuple[int, float, int]:
    """How many should have been sent by now, how late the first of them is in seconds, how many are in trouble."""
    # Two partial indexes. What waits for its time, or for the morning, is not late.
    row = await db.fetchrow(
        """
        SELECT count(*) AS waiting, min(CASE WHEN attempts = 0 OR reason = 'quiet-hours' THEN send_after ELSE at END)
               AS oldest,
               (SELECT count(*) FROM deploy.notice WHERE state IN ('failed', 'bounced', 'given_up')) AS troubled
        FROM deploy.notice
        WHERE state = 'waiting' AND (send_after <= $1 OR attempts > 0 AND reason <> 'quiet-hours')
        """,
        now,
    )
    oldest = 0.0 if row["oldest"] is None else max(0.0, (now - row["oldest"]).total_seconds())
    return row["waiting"], oldest, row["troubled"]


async def forget(db: Database, before: datetime) -> None:
    """Those that were settled before that moment, a piece at a time."""
    # The oldest by the index of moments.
    await db.execute(
        """
        DELETE FROM deploy.notice WHERE id IN (
            SELECT id FROM deploy.notice WHERE at < $1 AND settled_at < $1 ORDER BY at, id LIMIT 1000)
        """,
        before,
    )


async def forget_addresses(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Forget where notices of these cases went, the little of it that is shown."""
    # A scan of what was told in the last months.
    await db.execute(
        """UPDATE deploy.notice SET shown_to = ''
        WHERE case_id = ANY($1::uuid[]) AND audience = $2 AND shown_to <> ''""",
        list(case_ids),
        Audience.CITIZEN.value,
    )
