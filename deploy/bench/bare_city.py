"""The web of the ceiling of `bench lifecycle`: the requests of a lifecycle, each with the statements and records of ours.

A message goes to Kafka (acks from all replicas); signatures, replies and approvals that wait share a transaction, as ours
do: cases are locked, changed, logged and told to the relay; a case and the published answers are one query each. Left
out: who may do what, and when; versions, signatures, masking, what was asked before; limits, metrics, traces, problems in
two languages.
"""

import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
import msgspec
import uvloop
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.bench.bare_server import serve
from deploy.bench.ceiling import tell
from deploy.database.coalescing import Coalescer
from deploy.database.pool import FOR_PEOPLE
from deploy.messaging.client.client import open_producer
from deploy.settings import Settings
from schemas.event import Event, encode
from schemas.events.handlers import CaseReplied, CaseSigned, CaseUpdated
from schemas.events.intake import SubmissionAccepted
from schemas.events.routing import ReviewDecided
from schemas.ids import CaseId, DepartmentCode, TrackingCode
from schemas.topics import HANDLERS, ROUTING, SUBMISSIONS, department_topic, topic_name
from schemas.values import Contact, Place
from schemas.words import CaseState, Channel, CitizenAction, ReviewKind

#: Answers on one page, as many as the city's own search shows (project choice).
_ANSWERS_SHOWN = 20

_LOCK = """SELECT case_id::text, state, lead, log_seq FROM handlers.case WHERE case_id = ANY($1::uuid[])
ORDER BY case_id FOR NO KEY UPDATE"""
_CHANGE = """WITH n AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::bytea[], $6::text[], $7::text[],
        $8::timestamptz[], $9::text[], $10::text[], $11::text[])
    AS n (case_id, state, version, seq, hash, note, response, at, action, before, detail)),
changed AS (
    UPDATE handlers.case AS c SET state = n.state, version = n.version, log_seq = n.seq, log_hash = n.hash,
        note = n.note, response = n.response FROM n WHERE c.case_id = n.case_id)
INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
SELECT case_id, seq, at, 'bench', 'lead', action, before, state, version, detail::jsonb, hash FROM n"""
_LOCK_ITEMS = (
    "SELECT * FROM routing.review_item WHERE case_id = ANY($1::uuid[]) ORDER BY case_id, version FOR UPDATE"
)
_LOCK_ROUTED = "SELECT * FROM routing.case WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE"
_DECIDE = """UPDATE routing.review_item AS i SET state = 'decided', decided_by = 'bench', decided_at = n.at, accepted = true
FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS n (case_id, version, at)
WHERE (i.case_id, i.kind, i.version) = (n.case_id, 'reply', n.version)"""
_SEE = """SELECT c.case_id, c.title, c.text, v.state, v.version, v.category, v.department, v.due_at, v.response, v.timeline
FROM intake.case AS c LEFT JOIN intake.view AS v USING (case_id) WHERE c.tracking_code = $1"""
_FIND = """WITH found AS MATERIALIZED (SELECT case_id, replied_at FROM intake.published WHERE search @@ $1::text::tsquery)
SELECT tracking_code, title, text, response, category, department, region, replied_at
FROM found JOIN intake.published USING (case_id, replied_at) ORDER BY replied_at DESC, case_id DESC LIMIT $2"""

#: All of them.
STATEMENTS = (_LOCK, _CHANGE, _LOCK_ITEMS, _LOCK_ROUTED, _DECIDE, _SEE, _FIND)

_Endpoint = Callable[[Request], Awaitable[Response]]


class _Draft(msgspec.Struct, frozen=True):
    title: str
    text: str
    place: Place | None = None
    contact: Contact | None = None


class _Body(msgspec.Struct, frozen=True):
    version: int
    note: str = ""
    response: str = ""


class _Asked(NamedTuple):
    """What somebody asks for of a case: `sign`, `reply` or `approve`."""

    case_id: CaseId
    action: str
    body: _Body


class BareCity:
    """Answers the requests of a lifecycle; as with ours, whoever waits for a transaction takes part in the next."""

    def __init__(self, settings: Settings, pool: Any, producer: AIOKafkaProducer) -> None:
        self._settings, self._pool, self._producer = settings, pool, producer
        self._acts = Coalescer(self._act)
        self._approvals = Coalescer(self._approve)

    async def submit(self, request: Request) -> Response:
        """`POST /api/v1/submissions`: the message on Kafka, then its code."""
        draft = msgspec.json.decode(await request.body(), type=_Draft)
        case_id, code, now = str(uuid.uuid4()), TrackingCode(secrets.token_hex(8)), datetime.now(UTC)
        event = SubmissionAccepted(
            case_id=CaseId(case_id), version=0, at=now, tracking_code=code, channel=Channel.WEB, source="web",
            content_hash=secrets.token_hex(32), title=draft.title, text=draft.text, place=draft.place,
            contact=draft.contact, publish=True, revision=2,
        )  # fmt: skip
        topic = topic_name(SUBMISSIONS, self._settings.topic_prefix)
        headers = [("ce_type", event.type.encode()), ("ce_id", str(uuid.uuid4()).encode())]
        await self._producer.send_and_wait(topic, value=encode(event), key=case_id.encode(), headers=headers)
        return _json({"tracking_code": code, "access_code": ""}, 202)

    async def act(self, request: Request) -> Response:
        """`POST /api/v1/desk/cases/{case_id}/actions/{action}`: a signature or a reply."""
        asked = await _asked(request, request.path_params["action"])
        await self._acts.get(asked)
        return _json({"case_id": asked.case_id, "version": asked.body.version + 1}, 200)

    async def _act(self, asked: Sequence[_Asked]) -> Mapping[_Asked, None]:
        now = datetime.now(UTC)
        async with self._pool.acquire() as db, db.transaction():
            rows = {row["case_id"]: row for row in await db.fetch(_LOCK, [each.case_id for each in asked])}
            found = [(each, rows[each.case_id]) for each in asked]
            await db.execute(_CHANGE, *_columns(found, now))
            await tell(db, self._settings, [said for each, row in found for said in _said(each, row, now)])
        return dict.fromkeys(asked)

    async def approve(self, request: Request) -> Response:
        """`POST /api/v1/review/replies/{case_id}`: the reply is approved."""
        asked = await _asked(request, "approve")
        await self._approvals.get(asked)
        return _json({"case_id": asked.case_id}, 200)

    async def _approve(self, asked: Sequence[_Asked]) -> Mapping[_Asked, None]:
        now, cases = datetime.now(UTC), [each.case_id for each in asked]
        decided = [
            ReviewDecided(
                case_id=each.case_id, version=each.body.version, at=now, kind=ReviewKind.REPLY, accepted=True,
                decided_by="bench",
            )
            for each in asked
        ]  # fmt: skip
        async with self._pool.acquire() as db, db.transaction():
            await db.fetch(_LOCK_ROUTED, cases)
            await db.fetch(_LOCK_ITEMS, cases)
            await db.execute(_DECIDE, cases, [each.body.version for each in asked], [now] * len(asked))
            await tell(db, self._settings, [(ROUTING, event) for event in decided])
        return dict.fromkeys(asked)

    async def see(self, request: Request) -> Response:
        """`GET /api/v1/submissions/{tracking_code}`: how the case stands."""
        row = await self._pool.fetchrow(_SEE, request.path_params["tracking_code"])
        return _json(dict(row), 200)

    async def find(self, request: Request) -> Response:
        """`GET /api/v1/published?q=`: the newest answers with that word."""
        rows = await self._pool.fetch(_FIND, f"'{request.query_params['q']}'", _ANSWERS_SHOWN)
        return _json({"items": [dict(row) for row in rows]}, 200)

    async def healthy(self, _request: Request) -> Response:
        """`GET /healthz`: it is there, and says nothing."""
        return _json({}, 200)


_AFTER = {"sign": CaseState.IN_PROGRESS, "reply": CaseState.REPLIED}
_MAY = (CitizenAction.SUPPLEMENT,)


async def _asked(request: Request, action: str) -> _Asked:
    body = msgspec.json.decode(await request.body(), type=_Body)
    return _Asked(CaseId(request.path_params["case_id"]), action, body)


def _columns(found: Sequence[tuple[_Asked, asyncpg.Record]], now: datetime) -> list[list[Any]]:
    return [
        [each.case_id for each, _ in found], [_AFTER[each.action] for each, _ in found],
        [each.body.version + 1 for each, _ in found], [row["log_seq"] + 1 for _, row in found],
        [bytes(33) for _ in found], [each.body.note or None for each, _ in found],
        [each.body.response or None for each, _ in found], [now for _ in found], [each.action for each, _ in found],
        [row["state"] for _, row in found], [encode(each.body).decode() for each, _ in found],
    ]  # fmt: skip


def _said(each: _Asked, row: asyncpg.Record, now: datetime) -> Sequence[tuple[str, Event]]:
    """On handlers' topic what happened, on the department's that it did."""
    event = _event(each, row["lead"], now)
    told = CaseUpdated(
        case_id=each.case_id, version=event.version, at=now, state=_AFTER[each.action], what=event.name
    )
    return ((HANDLERS, event), (department_topic(row["lead"]), told))


def _event(each: _Asked, lead: DepartmentCode, now: datetime) -> CaseSigned | CaseReplied:
    version, state = each.body.version + 1, _AFTER[each.action]
    if each.action == "sign":
        return CaseSigned(
            case_id=each.case_id, version=version, at=now, state=state, citizen_may=_MAY, department=lead,
            signed_by="bench",
        )  # fmt: skip
    return CaseReplied(
        case_id=each.case_id, version=version, at=now, state=state, citizen_may=_MAY, department=lead,
        note=each.body.note, response=each.body.response,
    )  # fmt: skip


def _json(found: object, status: int) -> Response:
    return Response(msgspec.json.encode(found), status_code=status, media_type="application/json")


def routes(city: BareCity) -> Sequence[Route]:
    """The addresses of ours that a lifecycle asks."""
    asked: Sequence[tuple[str, str, _Endpoint]] = (
        ("POST", "/api/v1/submissions", city.submit),
        ("GET", "/api/v1/submissions/{tracking_code}", city.see),
        ("POST", "/api/v1/desk/cases/{case_id}/actions/{action}", city.act),
        ("POST", "/api/v1/review/replies/{case_id}", city.approve),
        ("GET", "/api/v1/published", city.find),
        ("GET", "/healthz", city.healthy),
    )
    return [Route(path, endpoint, methods=[method]) for method, path, endpoint in asked]


async def _serve(settings: Settings) -> None:
    size = settings.database_pool_size
    pool = asyncpg.create_pool(
        settings.database_url, min_size=size, max_size=size, server_settings=dict(FOR_PEOPLE)
    )
    async with pool, open_producer(settings) as producer:
        await serve(settings, Starlette(routes=[*routes(BareCity(settings, pool, producer))]))


if __name__ == "__main__":
    uvloop.run(_serve(Settings()))
