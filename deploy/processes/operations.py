"""What operators watch: /healthz, /readyz, /metrics, /openapi.json, /asyncapi."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.messaging import asyncapi
from deploy.processes.health import all_metrics, checks
from deploy.processes.runtime import Process
from deploy.web import openapi
from schemas.http import Route as SliceRoute


def routes(process: Process, slice_routes: Sequence[SliceRoute]) -> Sequence[BaseRoute]:
    """The operators' endpoints of the web process."""
    document = msgspec.json.encode(openapi.document(slice_routes, process.settings))
    events = msgspec.json.encode(asyncapi.document(process.settings))

    async def healthz(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_: Request) -> Response:
        found = await checks(process)
        ok = all(check["ok"] for check in found.values())
        return JSONResponse({"ok": ok, "checks": found}, status_code=200 if ok else 503)

    async def everyones_metrics(_: Request) -> Response:
        return Response(await all_metrics(process), media_type="text/plain; version=0.0.4")

    async def openapi_json(_: Request) -> Response:
        return Response(document, media_type="application/json")

    async def asyncapi_json(_: Request) -> Response:
        return Response(events, media_type="application/json")

    return (
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", everyones_metrics),
        Route("/openapi.json", openapi_json),
        Route("/asyncapi", asyncapi_json),
    )
