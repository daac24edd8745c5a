"""The ceiling's hops after a case is with its department: what ours write of a signature, a reply, its approval and the end.

As in `ceiling_hops`: as many rows, as large, in the same tables. Left out are the look at what a reply says, masking, the
words of a search, the hashes of the log, and every rule of who may do what when.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from deploy.bench.ceiling_statement import Hop, statement
from schemas.event import Event, StateEvent, encode
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
    CaseReplied,
    CaseSigned,
    CaseUpdated,
    ReplyPublished,
)
from schemas.events.routing import ReviewDecided, ReviewRequested
from schemas.topics import HANDLERS, ROUTING, department_topic
from schemas.words import CaseState, CitizenAction, ReviewKind

#: How long ours give the citizen to object, about (project choice).
_TO_OBJECT = timedelta(days=30)
_AFTER = (CitizenAction.RATING, CitizenAction.OBJECTION)

Asked = tuple[Any, asyncpg.Record]


def _moved(events: Sequence[StateEvent]) -> list[list[Any]]:
    entries = [f'[{{"at":"{e.at.isoformat()}","event":"{e.name}"}}]' for e in events]
    return [
        [e.case_id for e in events], [e.version for e in events], [e.state for e in events],
        [",".join(e.citizen_may or ()) for e in events], entries,
    ]  # fmt: skip


_SHOW_STATE = statement(
    {"case_id": "uuid", "version": "int", "state": "text", "may": "text", "entry": "text"},
    """INSERT INTO intake.view AS v (case_id, version, state, citizen_may, timeline)
    SELECT case_id, version, state, string_to_array(may, ','), entry::jsonb FROM e
    ON CONFLICT (case_id) DO UPDATE SET version = excluded.version, state = excluded.state,
        citizen_may = excluded.citizen_may, timeline = v.timeline || excluded.timeline""",
)


def _published(asked: Sequence[Asked]) -> list[list[Any]]:
    return [
        [e.case_id for e, _ in asked], [e.response for e, _ in asked], [e.at for e, _ in asked],
        [e.category for e, _ in asked], [e.department for e, _ in asked], [e.region for e, _ in asked],
        [row["title"] for _, row in asked], [row["text"] for _, row in asked],
        ["\n".join(_words(row["title"], row["text"])) for _, row in asked],
    ]  # fmt: skip


def _words(title: str, text: str) -> set[str]:
    """Every two characters, and the title's words: as many as a search finds an answer of ours by."""
    return {text[at : at + 2] for at in range(len(text) - 1)}.union(title.split())


_PUBLISH = statement(
    {
        "case_id": "uuid", "response": "text", "at": "timestamptz", "category": "text", "department": "text",
        "region": "text", "title": "text", "words": "text", "search": "text",
    },
    """UPDATE intake.view AS v SET response = e.response, response_at = e.at FROM e WHERE v.case_id = e.case_id""",
    """INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department, region,
        replied_at, search, objected, masked)
    SELECT c.case_id, c.tracking_code, e.title, e.words, e.response, e.category, e.department, e.region, e.at,
        array_to_tsvector(string_to_array(e.search, E'\\n')), false, 2
    FROM e JOIN intake.case AS c USING (case_id) ON CONFLICT DO NOTHING""",
)  # fmt: skip

#: What the citizen sees of it.
SHOWN = (
    Hop(event=CaseSigned, statement=_SHOW_STATE, columns=_moved),
    Hop(event=CaseReplied, statement=_SHOW_STATE, columns=_moved),
    Hop(
        event=ReplyPublished,
        statement=_PUBLISH,
        columns=_published,
        asks="SELECT case_id::text, title, text FROM intake.case WHERE case_id = ANY($1::uuid[])",
    ),
    Hop(event=CaseClosed, statement=_SHOW_STATE, columns=_moved),
)


def _to_review(events: Sequence[CaseReplied]) -> list[list[Any]]:
    details = [
        encode({"note": e.note, "response": e.response, "department": e.department}).decode() for e in events
    ]
    return [
        [e.case_id for e in events], [e.version for e in events], [e.at for e in events],
        [e.response for e in events], details,
    ]  # fmt: skip


def _say_reviewed(events: Sequence[CaseReplied]) -> list[tuple[str, Event]]:
    return [
        (ROUTING, ReviewRequested(case_id=e.case_id, version=e.version, at=e.at, kind=ReviewKind.REPLY))
        for e in events
    ]


_REVIEW = statement(
    {"case_id": "uuid", "version": "int", "at": "timestamptz", "response": "text", "detail": "text"},
    "UPDATE routing.case AS c SET response = e.response FROM e WHERE c.case_id = e.case_id",
    """INSERT INTO routing.review_item (case_id, kind, version, state, opened_at, candidates, reasons, detail)
    SELECT case_id, 'reply', version, 'open', at, '[]', '[]', detail::jsonb FROM e ON CONFLICT DO NOTHING""",
)


def _passed(events: Sequence[StateEvent]) -> list[list[Any]]:
    return [[e.case_id for e in events], [e.version for e in events]]


_STALE = statement(
    {"case_id": "uuid", "version": "int"},
    """UPDATE routing.review_item AS i SET state = 'stale' FROM e
    WHERE i.case_id = e.case_id AND i.state = 'open' AND i.version < e.version""",
)
#: What a dispatcher decides of it.
REVIEWED = (
    *(Hop(event=each, statement=_STALE, columns=_passed) for each in (CaseAssigned, CaseSigned, CaseClosed)),
    Hop(event=CaseReplied, statement=_REVIEW, columns=_to_review, says=_say_reviewed),
)


def _approved(asked: Sequence[Asked]) -> list[list[Any]]:
    return [
        [e.case_id for e, _ in asked], [e.version + 1 for e, _ in asked], [e.at for e, _ in asked],
        [e.decided_by for e, _ in asked],
        [encode({"public": True, "response": row["response"]}).decode() for _, row in asked],
        [bytes(33) for _ in asked],
    ]  # fmt: skip


def _say_approved(asked: Sequence[Asked]) -> list[tuple[str, Event]]:
    """The answer and the end on handlers' topic, and on the department's what became of it."""
    return [said for e, row in asked for said in _of_approval(e, row)]


def _of_approval(e: ReviewDecided, row: asyncpg.Record) -> Sequence[tuple[str, Event]]:
    case_id, version, response = e.case_id, e.version + 1, row["response"]
    return (
        (
            HANDLERS,
            ReplyPublished(
                case_id=case_id, version=version, at=e.at, response=response, department=row["lead"],
                category=row["category"], public=True, publishable=True,
            ),
        ),
        (
            HANDLERS,
            CaseClosed(
                case_id=case_id, version=version, at=e.at, state=CaseState.CLOSED, citizen_may=_AFTER,
                outcome="answered", objection_until=e.at + _TO_OBJECT,
            ),
        ),
        (
            department_topic(row["lead"]),
            CaseUpdated(
                case_id=case_id, version=version, at=e.at, state=CaseState.CLOSED, what=ReplyPublished.name, text=response
            ),
        ),
    )  # fmt: skip


_APPROVE = statement(
    {
        "case_id": "uuid", "version": "int", "at": "timestamptz", "actor": "text", "detail": "text", "hash": "bytea",
    },
    """UPDATE handlers.case AS c SET state = 'closed', version = e.version, closed_at = e.at, log_seq = 4, log_hash = e.hash
    FROM e WHERE c.case_id = e.case_id""",
    """INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
    SELECT case_id, 4, at, actor, 'dispatcher', 'approve', 'replied', 'closed', version, detail::jsonb, hash FROM e
    ON CONFLICT DO NOTHING""",
)  # fmt: skip
#: The answer that was approved.
APPROVED = Hop(
    event=ReviewDecided,
    statement=_APPROVE,
    columns=_approved,
    says=_say_approved,
    asks="""SELECT case_id::text, lead, category, response FROM handlers.case WHERE case_id = ANY($1::uuid[])
    FOR NO KEY UPDATE""",
)


def _signed(events: Sequence[CaseSigned]) -> list[list[Any]]:
    return [[e.case_id for e in events], [e.version for e in events], [e.at for e in events]]


_TIMES = {"case_id": "uuid", "version": "int", "at": "timestamptz"}
_STOP = """UPDATE sla.clock AS c SET state = 'stopped', stopped_at = e.at, next_level = NULL, next_alert_at = NULL
    FROM e WHERE c.case_id = e.case_id AND c.state = 'running'"""
_SIGN = statement(
    _TIMES,
    _STOP + " AND c.clock = 'sign'",
    "UPDATE sla.case AS c SET version = e.version FROM e WHERE c.case_id = e.case_id",
)
_REPLY = statement(
    _TIMES,
    """UPDATE sla.case AS c SET version = e.version, replied_at = e.at, reply_workdays = 0 FROM e
    WHERE c.case_id = e.case_id""",
    """INSERT INTO sla.clock (case_id, clock, state, started_at, due_at, near_at, next_alert_at, next_level, rule, allow)
    SELECT case_id, 'review_reply', 'running', at, at + interval '3 days', at + interval '2 days',
        at + interval '2 days', 'near', 'general@2026-1', '1 working day' FROM e ON CONFLICT DO NOTHING""",
)
_CLOSE = statement(
    _TIMES,
    _STOP,
    """UPDATE sla.case AS c SET version = e.version, state_version = e.version, closed_at = e.at, outcome = 'answered'
    FROM e WHERE c.case_id = e.case_id""",
)
#: What the clocks make of it.
SETTLED = (
    Hop(event=CaseSigned, statement=_SIGN, columns=_signed),
    Hop(event=CaseReplied, statement=_REPLY, columns=_signed),
    Hop(event=CaseClosed, statement=_CLOSE, columns=_signed),
)
