"""The web of the ceiling of `bench lifecycle`: the requests of a lifecycle, each with the statements and records of ours.

A message goes to Kafka (acks from all replicas); a signature, a reply and an approval are a transaction each: the case is
locked, changed, logged and told to the relay; a case and the published answers are one query each. Left out: who may do
what, and when; versions, signatures, masking, what was asked before; limits, metrics, traces, problems in two languages.
"""

import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.database.pool import FOR_PEOPLE
from deploy.messaging.client import open_producer
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

_LOCK = "SELECT state, version, lead, log_seq FROM handlers.case WHERE case_id = $1 FOR NO KEY UPDATE"
_CHANGE = """WITH changed AS (
    UPDATE handlers.case SET state = $2, version = $3, log_seq = $4, log_hash = $5, note = $6, response = $7
    WHERE case_id = $1)
INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
VALUES ($1, $4, $8, 'bench', 'lead', $9, $10, $2, $3, $11, $5)"""
_LOCK_ITEM = "SELECT * FROM routing.review_item WHERE case_id = $1 ORDER BY version FOR UPDATE"
_LOCK_ROUTED = "SELECT * FROM routing.case WHERE case_id = $1 FOR UPDATE"
_DECIDE = """UPDATE routing.review_item SET state = 'decided', decided_by = 'bench', decided_at = $3, accepted = true
WHERE case_id = $1 AND kind = 'reply' AND version = $2"""
_TELL = """INSERT INTO deploy.outbox (topic, case_id, event_id, type, at, body)
SELECT topic, $2, uuidv7(), type, $3, body FROM unnest($1::text[], $4::text[], $5::bytea[]) AS e (topic, type, body)"""
_SEE = """SELECT c.case_id, c.title, c.text, v.state, v.version, v.category, v.department, v.due_at, v.response, v.timeline
FROM intake.case AS c LEFT JOIN intake.view AS v USING (case_id) WHERE c.tracking_code = $1"""
_FIND = """SELECT tracking_code, title, text, response, category, department, region, replied_at FROM intake.published
WHERE search @@ $1::text::tsquery ORDER BY replied_at DESC, case_id DESC LIMIT $2"""

#: All of them.
STATEMENTS = (_LOCK, _CHANGE, _LOCK_ITEM, _LOCK_ROUTED, _DECIDE, _TELL, _SEE, _FIND)

_Endpoint = Callable[[Request], Awaitable[Response]]


class _Draft(msgspec.Struct, frozen=True):
    title: str
    text: str
    place: Place | None = None
    contact: Contact | None = None


class _Action(msgspec.Struct, frozen=True):
    version: int
    note: str = ""
    response: str = ""


class BareCity:
    """Answers the requests of a lifecycle, each by its own method."""

    def __init__(self, settings: Settings, pool: Any, producer: AIOKafkaProducer) -> None:
        self._settings, self._pool, self._producer = settings, pool, producer

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
        case_id, action = request.path_params["case_id"], request.path_params["action"]
        said = msgspec.json.decode(await request.body(), type=_Action)
        state, now = _AFTER[action], datetime.now(UTC)
        async with self._pool.acquire() as db, db.transaction():
            row = await db.fetchrow(_LOCK, case_id)
            version, number = row["version"] + 1, row["log_seq"] + 1
            note, response = said.note or None, said.response or None
            await db.execute(
                _CHANGE, case_id, state, version, number, bytes(33), note, response, now, action, row["state"],
                encode(said).decode(),
            )  # fmt: skip
            event = _event(
                action, said, case_id=case_id, version=version, at=now, state=state, lead=row["lead"]
            )
            told = CaseUpdated(case_id=case_id, version=version, at=now, state=state, what=event.name)
            await self._tell(db, {HANDLERS: event, department_topic(row["lead"]): told})
        return _json({"case_id": case_id, "state": state, "version": version}, 200)

    async def approve(self, request: Request) -> Response:
        """`POST /api/v1/review/replies/{case_id}`: the reply is approved."""
        case_id = request.path_params["case_id"]
        said = msgspec.json.decode(await request.body(), type=_Action)
        event = ReviewDecided(
            case_id=case_id, version=said.version, at=datetime.now(UTC), kind=ReviewKind.REPLY, accepted=True,
            decided_by="bench",
        )  # fmt: skip
        async with self._pool.acquire() as db, db.transaction():
            await db.fetch(_LOCK_ROUTED, case_id)
            await db.fetch(_LOCK_ITEM, case_id)
            await db.execute(_DECIDE, case_id, said.version, event.at)
            await self._tell(db, {ROUTING: event})
        return _json({"case_id": case_id}, 200)

    async def see(self, request: Request) -> Response:
        """`GET /api/v1/submissions/{tracking_code}`: how the case stands."""
        row = await self._pool.fetchrow(_SEE, request.path_params["tracking_code"])
        return _json(dict(row), 200)

    async def find(self, request: Request) -> Response:
        """`GET /api/v1/published?q=`: the newest answers with that word."""
        rows = await self._pool.fetch(_FIND, f"'{request.query_params['q']}'", _ANSWERS_SHOWN)
        return _json({"items": [dict(row) for row in rows]}, 200)

    async def healthy(self, request: Request) -> Response:
        """`GET /healthz`: it is there, and says nothing."""
        return _json({}, 200)

    async def _tell(self, db: Any, events: Mapping[str, Event]) -> None:
        topics = [topic_name(topic, self._settings.topic_prefix) for topic in events]
        said = tuple(events.values())
        types, bodies = [event.type for event in said], [encode(event) for event in said]
        await db.execute(_TELL, topics, said[0].case_id, said[0].at, types, bodies)


_AFTER = {"sign": CaseState.IN_PROGRESS, "reply": CaseState.REPLIED}
_MAY = (CitizenAction.SUPPLEMENT,)


def _event(
    action: str,
    said: _Action,
    *,
    case_id: CaseId,
    version: int,
    at: datetime,
    state: CaseState,
    lead: DepartmentCode,
) -> CaseSigned | CaseReplied:
    if action == "sign":
        return CaseSigned(
            case_id=case_id,
            version=version,
            at=at,
            state=state,
            citizen_may=_MAY,
            department=lead,
            signed_by="bench",
        )
    return CaseReplied(
        case_id=case_id, version=version, at=at, state=state, citizen_may=_MAY, department=lead, note=said.note,
        response=said.response,
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
        config = uvicorn.Config(
            Starlette(routes=[*routes(BareCity(settings, pool, producer))]),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            loop="none",
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(_serve(Settings()))
