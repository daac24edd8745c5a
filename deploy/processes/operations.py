"""What operators watch: /healthz, /readyz, /metrics, /openapi.json, /asyncapi."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.files.root import Root
from deploy.messaging.records import asyncapi
from deploy.messaging.topics.probe import KafkaProbe
from deploy.processes.health import CITY, WEB, all_metrics, checks, needs_of
from deploy.processes.runtime import Process
from deploy.web import openapi, problems
from deploy.web.exchange import Edge, Exchange
from deploy.web.rate_limits import is_this_machine
from deploy.web.remembered import Remembered
from schemas.errors import Forbidden, HuiyinError, Unauthenticated
from schemas.http import Route as SliceRoute
from schemas.words import Role

#: Project choices: a probe asks every few seconds, and a scraper every fifteen; more often is answered with the same.
_READY_SECONDS = 1.0
_METRICS_SECONDS = 5.0

_Endpoint = Callable[[Request], Awaitable[Response]]


def routes(
    process: Process, edge: Edge, slice_routes: Sequence[SliceRoute], kafka: KafkaProbe
) -> Sequence[BaseRoute]:
    """The operators' endpoints of the web process."""
    document = msgspec.json.encode(openapi.document(slice_routes, process.settings))
    events = msgspec.json.encode(asyncapi.document(process.settings))
    files = Root(process.settings.attachment_folder)
    ready = Remembered(lambda: checks(process, kafka, files), _READY_SECONDS)
    metrics = Remembered(lambda: all_metrics(process), _METRICS_SECONDS)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(request: Request) -> Response:
        found = await ready.get()
        of = request.path_params.get("of", WEB)
        needed = needs_of(of, found)
        if needed is None:
            return JSONResponse({"ok": False, "known": [WEB, CITY, *found]}, status_code=404)
        ok = all(found[name]["ok"] for name in needed if name in found)
        said = {"ok": ok, "of": of, "needs": list(needed), "checks": found}
        return JSONResponse(said, status_code=200 if ok else 503)

    async def everyones_metrics(_: Request) -> Response:
        return Response(await metrics.get(), media_type="text/plain; version=0.0.4")

    async def openapi_json(_: Request) -> Response:
        return Response(document, media_type="application/json")

    async def asyncapi_json(_: Request) -> Response:
        return Response(events, media_type="application/json")

    return (
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/readyz/{of}", readyz),
        Route("/metrics", _for_operators(edge, everyones_metrics)),
        Route("/openapi.json", openapi_json),
        Route("/asyncapi", asyncapi_json),
    )


def _for_operators(edge: Edge, endpoint: _Endpoint) -> _Endpoint:
    """The same for this machine and for administrators' tokens; others are refused."""

    async def answer(request: Request) -> Response:
        exchange = Exchange(edge, request)
        try:
            await _admit(edge, exchange)
        except Exception as error:  # noqa: BLE001  the outermost edge: everything becomes an answer
            return exchange.refusal(problems.refusal_of(error, request.url.path), page=False)
        return await endpoint(request)

    return answer


async def _admit(edge: Edge, exchange: Exchange) -> None:
    # A proxy on this machine that nobody named is not this machine.
    if is_this_machine(exchange.address) and not exchange.is_forwarded:
        return
    principal = await edge.authenticator.of_api(exchange.headers)
    if principal.role is not Role.ADMINISTRATOR:
        refused: HuiyinError = Unauthenticated() if principal.role is Role.CITIZEN else Forbidden()
        raise refused
