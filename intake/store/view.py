"""What the citizen sees: one row a case, grown by whatever the other slices say."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from intake.core.following.asked_back import OpenQuestion
from intake.core.following.view import TimelineEntry, View
from intake.core.following.view_changes import ViewChange
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Database
from schemas.words import CaseState, Channel, CitizenAction

_encode = msgspec.json.Encoder().encode
_question = msgspec.json.Decoder(OpenQuestion)
_entries = msgspec.json.Decoder(tuple[TimelineEntry, ...])

#: The citizen took it back before any department had it: a review that was asked for before that was heard is none.
_IS_OLDER_REVIEW = "v.state = 'withdrawn' AND v.withdrawal_at IS NOT NULL AND excluded.state = 'in_review'"

#: What some events say and most do not: each by the newest that says it, whatever else is known of the case.
_SAID = ("category", "department", "region", "objection_until", "question", "promised_on")


def _said_anew(name: str) -> str:
    """Rows of before the version was kept with it were said no later than the case's own."""
    known = f"coalesce(v.{name}_version, v.version)"
    is_newer = f"excluded.{name} IS NOT NULL AND (v.{name} IS NULL OR excluded.version >= {known})"
    return f"""{name} = CASE WHEN {is_newer} THEN excluded.{name} ELSE v.{name} END,
            {name}_version = CASE WHEN {is_newer} THEN excluded.version ELSE v.{name}_version END"""


_SAID_ANEW = ",\n            ".join(map(_said_anew, _SAID))
#: Of a deadline that an earlier release kept, as of what was said before: no later than the case's own version.
_DUE_VERSION = "CASE WHEN v.due_of = v.deadline_version THEN v.due_version ELSE v.version END"


def _timeline(entry: TimelineEntry | None) -> str:
    return "[]" if entry is None else f"[{_encode(entry).decode()}]"


async def apply_changes(db: Database, rows: Sequence[tuple[CaseId, int, datetime, ViewChange]]) -> None:
    """Change views: id, version and moment of the event, and what it changes. An older version changes no state."""
    changes = [change for _, _, _, change in rows]
    # A case heard of for the first time gets its row; otherwise the newer version wins, and every line is
    # kept, once: what is said again is the same to the moment.
    await db.execute(
        f"""
        INSERT INTO intake.view AS v (
            case_id, version, state, citizen_may, category, department, region, response, response_at, merged_into,
            objection_until, question, promised_on, timeline, {", ".join(f"{name}_version" for name in _SAID)})
        SELECT case_id, version, state, string_to_array(citizen_may, ','), category, department, region, response,
               response_at, merged_into, objection_until, question::jsonb, promised_on, timeline::jsonb,
               {", ".join(f"CASE WHEN {name} IS NOT NULL THEN version END" for name in _SAID)}
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::text[], $9::timestamptz[], $10::uuid[], $11::text[], $12::timestamptz[], $13::text[],
                    $14::date[])
             AS n (case_id, version, state, citizen_may, category, department, region, response, response_at,
                   merged_into, timeline, objection_until, question, promised_on)
        ORDER BY case_id
        ON CONFLICT (case_id) DO UPDATE SET
            version = greatest(v.version, excluded.version),
            state = CASE WHEN {_IS_OLDER_REVIEW} THEN v.state WHEN excluded.version >= v.version
                    THEN coalesce(excluded.state, v.state) ELSE coalesce(v.state, excluded.state) END,
            citizen_may = CASE WHEN {_IS_OLDER_REVIEW} THEN v.citizen_may WHEN excluded.version >= v.version
                          THEN coalesce(excluded.citizen_may, v.citizen_may)
                          ELSE coalesce(v.citizen_may, excluded.citizen_may) END,
            {_SAID_ANEW},
            response = CASE WHEN excluded.response_at >= coalesce(v.response_at, excluded.response_at)
                       THEN excluded.response ELSE v.response END,
            response_at = greatest(v.response_at, excluded.response_at),
            merged_into = CASE WHEN excluded.version >= v.version AND excluded.state <> 'merged' THEN NULL
                          ELSE coalesce(excluded.merged_into, v.merged_into) END,
            timeline = CASE WHEN v.timeline @> excluded.timeline THEN v.timeline ELSE v.timeline || excluded.timeline END
        """,  # noqa: S608  a constant of this module
        [case_id for case_id, _, _, _ in rows],
        [version for _, version, _, _ in rows],
        [change.state and change.state.value for change in changes],
        [None if change.citizen_may is None else ",".join(change.citizen_may) for change in changes],
        [change.category for change in changes],
        [change.department for change in changes],
        [change.region for change in changes],
        [change.response for change in changes],
        [at if change.response is not None else None for _, _, at, change in rows],
        [change.merged_into for change in changes],
        [_timeline(change.entry) for change in changes],
        [change.objection_until for change in changes],
        [_encode(change.question).decode() if change.question else None for change in changes],
        [change.promised_on for change in changes],
    )


async def merged_into(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, CaseId]:
    """Those of the cases that are merged, each with the case that answers for it."""
    rows = await db.fetch(
        "SELECT case_id, merged_into FROM intake.view WHERE case_id = ANY ($1::uuid[]) AND merged_into IS NOT NULL",
        case_ids,
    )
    return {CaseId(str(row["case_id"])): CaseId(str(row["merged_into"])) for row in rows}


async def forget_withdrawals(db: Database, case_ids: Sequence[CaseId]) -> None:
    """These cases are not withdrawn: a dispatcher looks at them first."""
    # A few rows by their primary key.
    await db.execute(
        "UPDATE intake.view SET withdrawal_at = NULL WHERE case_id = ANY ($1::uuid[])", list(case_ids)
    )


async def forget_deadlines(db: Database, told: Sequence[tuple[CaseId, int]]) -> None:
    """The deadlines that these cases had by that version count no more, whichever is heard first: id and version."""
    # A few rows by their primary key.
    await db.execute(
        f"""
        UPDATE intake.view AS v SET due_over = greatest(v.due_over, t.version),
            due_at = CASE WHEN {_DUE_VERSION} > t.version THEN v.due_at END,
            provisional = v.provisional AND {_DUE_VERSION} > t.version
        FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)
        WHERE v.case_id = t.case_id
        """,  # noqa: S608  a constant of this module
        [case_id for case_id, _ in told],
        [version for _, version in told],
    )


async def set_deadlines(db: Database, rows: Sequence[tuple[DeadlineSet, TimelineEntry | None]]) -> None:
    """Keep the newest deadline of each case, and the line that says why it moved."""
    # A case heard of for the first time gets its row; an older deadline changes nothing, one that is over is not shown.
    await db.execute(
        """
        INSERT INTO intake.view AS v (case_id, due_at, deadline_version, timeline, provisional, due_version, due_of)
        SELECT case_id, due_at, deadline_version, timeline::jsonb, provisional, due_version, deadline_version
        FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::text[], $5::bool[], $6::int[])
             AS n (case_id, due_at, deadline_version, timeline, provisional, due_version)
        ORDER BY case_id
        ON CONFLICT (case_id) DO UPDATE SET
            due_at = CASE WHEN excluded.due_version <= v.due_over THEN NULL ELSE excluded.due_at END,
            provisional = excluded.provisional AND (excluded.due_version <= v.due_over) IS NOT TRUE,
            due_version = excluded.due_version,
            due_of = excluded.due_of,
            deadline_version = excluded.deadline_version,
            timeline = CASE WHEN v.timeline @> excluded.timeline THEN v.timeline ELSE v.timeline || excluded.timeline END
        WHERE v.deadline_version < excluded.deadline_version
        """,
        [event.case_id for event, _ in rows],
        [event.due_at for event, _ in rows],
        [event.deadline_version for event, _ in rows],
        [_timeline(entry) for _, entry in rows],
        [event.provisional for event, _ in rows],
        [event.version for event, _ in rows],
    )


async def find_view(db: Database, tracking_code: TrackingCode) -> View | None:
    """The case with this tracking code."""
    # One case by a unique index. A merged one has an answer of its own: nothing of the other case is read here.
    row = await db.fetchrow(
        """
        SELECT c.case_id, c.tracking_code, c.title, c.text, c.received_at, c.registered_at, c.channel, c.confidential,
               coalesce(v.state, 'registered') AS state, coalesce(v.version, 1) AS version, v.category,
               nullif(v.department, '') AS department, v.due_at, v.response, v.response_at, v.rating,
               coalesce(v.provisional, false) AS provisional,
               v.citizen_may, v.objection_until, v.question, v.promised_on, coalesce(v.timeline, '[]') AS timeline,
               CASE WHEN EXISTS (SELECT FROM intake.published p WHERE p.case_id = c.case_id) THEN 'public'
                    WHEN EXISTS (SELECT FROM intake.withheld w WHERE w.case_id = c.case_id) THEN 'withheld'
               END AS publication, coalesce(v.may_publish, c.publish) AS may_publish,
               coalesce(v.is_withheld, false) AS is_withheld,
               EXISTS (SELECT FROM intake.attached AS n WHERE n.case_id = c.case_id) AS has_files
        FROM intake.case c LEFT JOIN intake.view v USING (case_id)
        WHERE c.tracking_code = $1
        """,
        tracking_code,
    )
    if row is None:
        return None
    fields = dict(row) | {"state": CaseState(row["state"]), "case_id": CaseId(str(row["case_id"]))}
    fields["channel"] = Channel(row["channel"])
    fields["question"] = None if row["question"] is None else _question.decode(row["question"])
    fields["timeline"] = _entries.decode(row["timeline"])
    if row["citizen_may"] is not None:
        fields["citizen_may"] = tuple(CitizenAction(word) for word in row["citizen_may"])
    return View(**fields)


async def lock_view(db: Database, case_id: CaseId) -> None:
    """Let nobody else change this case's view until the transaction ends."""
    # The row exists from here on.
    await db.execute("INSERT INTO intake.view (case_id) VALUES ($1::uuid) ON CONFLICT DO NOTHING", case_id)
    # Locked by the primary key.
    await db.execute("SELECT 1 FROM intake.view WHERE case_id = $1::uuid FOR UPDATE", case_id)


async def lock_views(db: Database, case_ids: Sequence[CaseId]) -> None:
    """The same of several that are there, in the order in which whoever changes several locks them."""
    # Locked by the primary key.
    await db.execute(
        "SELECT 1 FROM intake.view WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id FOR UPDATE",
        list(case_ids),
    )


async def keep_rating(db: Database, case_id: CaseId, score: int, comment: str, entry: TimelineEntry) -> None:
    """The citizen's rating and its line in the timeline."""
    # One row by the primary key.
    await db.execute(
        """
        UPDATE intake.view SET rating = $2, rating_comment = $3, timeline = timeline || $4::text::jsonb
        WHERE case_id = $1::uuid
        """,
        case_id,
        score,
        comment,
        _timeline(entry),
    )


async def keep_objection(db: Database, case_id: CaseId, entry: TimelineEntry) -> None:
    """That the citizen objected, which they may not again until handlers says so, and its line in the timeline."""
    # One row by the primary key.
    await db.execute(
        """
        UPDATE intake.view SET citizen_may = array_remove(citizen_may, 'objection'),
            timeline = timeline || $2::text::jsonb
        WHERE case_id = $1::uuid
        """,
        case_id,
        _timeline(entry),
    )


async def keep_withdrawal(
    db: Database, case_id: CaseId, now: datetime, state: CaseState, entry: TimelineEntry
) -> None:
    """That the citizen asked to withdraw, the state that shows meanwhile, and its line in the timeline.

    They may not again until handlers says so; where the case shows as withdrawn, nothing more can be done.
    """
    # One row by the primary key.
    await db.execute(
        """
        UPDATE intake.view SET withdrawal_at = $2, state = $3::text,
            citizen_may = CASE WHEN $3::text = 'withdrawn' THEN '{}' ELSE array_remove(citizen_may, 'withdrawal') END,
            timeline = timeline || $4::text::jsonb
        WHERE case_id = $1::uuid
        """,
        case_id,
        now,
        state.value,
        _timeline(entry),
    )


async def use_answer(db: Database, case_id: CaseId) -> None:
    """That the citizen answered: there is nothing to be answered until the department asks again."""
    # One row by the primary key.
    await db.execute(
        "UPDATE intake.view SET citizen_may = array_remove(citizen_may, 'answer') WHERE case_id = $1::uuid",
        case_id,
    )


async def keep_consent(
    db: Database, case_id: CaseId, entry: TimelineEntry | None, *, may_publish: bool
) -> None:
    """What the citizen says of publication from now on, and its line in the timeline, if it gets one."""
    # One row by the primary key.
    await db.execute(
        """
        UPDATE intake.view SET may_publish = $2, timeline = timeline || $3::text::jsonb WHERE case_id = $1::uuid
        """,
        case_id,
        may_publish,
        _timeline(entry),
    )


async def add_line(db: Database, case_id: CaseId, entry: TimelineEntry) -> None:
    """One more line of the timeline."""
    # One row by the primary key.
    await db.execute(
        "UPDATE intake.view SET timeline = timeline || $2::text::jsonb WHERE case_id = $1::uuid",
        case_id,
        _timeline(entry),
    )
