"""The yardstick of `bench intake`: the least that a server does which answers once Kafka has the message.

The same HTTP server and event loop, one route, the body decoded and sent as it is (acks from all replicas, idempotent), a
random id as the answer. Left out: checks, codes, hashes, idempotency keys, limits, metrics, traces, problems in two
languages, and Postgres.
"""

import secrets
from collections.abc import Awaitable, Callable

import msgspec
import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.messaging.client.client import open_producer
from deploy.settings import Settings
from schemas.topics import SUBMISSIONS, topic_name

_Endpoint = Callable[[Request], Awaitable[Response]]


def application(producer: AIOKafkaProducer, topic: str) -> Starlette:
    """One route that keeps what is sent, and one that says that it is there."""
    routes = [
        Route("/api/v1/submissions", _keeping(producer, topic), methods=["POST"]),
        Route("/healthz", _healthy, methods=["GET"]),
    ]
    return Starlette(routes=routes)


def _keeping(producer: AIOKafkaProducer, topic: str) -> _Endpoint:
    async def keep(request: Request) -> Response:
        body = await request.body()
        msgspec.json.decode(body)
        case_id = secrets.token_hex(16)
        await producer.send_and_wait(topic, value=body, key=case_id.encode())
        answer = msgspec.json.encode({"tracking_code": case_id})
        return Response(answer, status_code=202, media_type="application/json")

    return keep


async def _healthy(_request: Request) -> Response:
    return Response(b"{}", media_type="application/json")


async def _failed(request: Request, error: Exception) -> Response:
    """Whose failure it was, and what: whoever measures is told nothing else of it."""
    said = f"the bare server, {request.method} {request.url.path}: {type(error).__name__}: {error}"
    return Response(said, status_code=500, media_type="text/plain")


def speaking(site: Starlette) -> Starlette:
    """The same site, which says what went wrong where it fails."""
    site.add_exception_handler(Exception, _failed)
    return site


async def serve(settings: Settings, site: Starlette) -> None:
    """Answer where our web would, until the process is told to end."""
    config = uvicorn.Config(
        speaking(site),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        loop="none",
    )
    await uvicorn.Server(config).serve()


async def _serve_intake(settings: Settings) -> None:
    async with open_producer(settings) as producer:
        await serve(settings, application(producer, topic_name(SUBMISSIONS, settings.topic_prefix)))


if __name__ == "__main__":
    uvloop.run(_serve_intake(Settings()))
