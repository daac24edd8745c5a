"""`METRICS_PORT`: one process's health and metrics, served by threads of its own, off the event loop.

The web's port shows everybody's; this one is for those who ask each replica, such as Kubernetes and Prometheus.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import structlog
from prometheus_client import generate_latest

from deploy.observability import metrics
from deploy.observability.merged import merge
from deploy.settings import Settings

log = structlog.get_logger()

#: An event loop that has not turned for so long is not well; it may turn again (project choice: three beats or so, and far
#: less than `runtime.FROZEN_SECONDS`, after which the process ends itself).
_STILL_SECONDS = 15.0
#: Whoever asks has so long for its request (project choice).
_PATIENCE_SECONDS = 5


class ToldMetrics(Protocol):
    """As much of a process as is told."""

    name: str
    replica: str
    settings: Settings

    def said(self) -> dict[str, Any]:
        """How it is: `ok`, `reason` and more."""


@contextmanager
def listening(process: ToldMetrics, loop_age_seconds: Callable[[], float]) -> Iterator[None]:
    """Answer on the settings' port while this is open; without one, or where it is taken, the process goes on without."""
    port = process.settings.metrics_port
    server = _open(process, loop_age_seconds, port) if port else None
    if server is None:
        yield
        return
    threading.Thread(target=server.serve_forever, name="metrics listener", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _open(
    process: ToldMetrics, loop_age_seconds: Callable[[], float], port: int
) -> ThreadingHTTPServer | None:
    try:
        return _Server((process.settings.host, port), _answering(process, loop_age_seconds))
    except OSError as error:
        log.error("metrics.port-unusable", port=port, reason=error.strerror)
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Say it in the log, as everything else is said, and not as a traceback between its lines."""
        error = sys.exception()
        if isinstance(error, ConnectionError | TimeoutError):
            log.info("metrics.asker-gone", error=type(error).__name__)
        else:
            log.error("metrics.answer-failed", exc_info=True)


def _answering(process: ToldMetrics, loop_age_seconds: Callable[[], float]) -> type[BaseHTTPRequestHandler]:
    def healthz() -> tuple[bool, str, str]:
        still = loop_age_seconds()
        return still < _STILL_SECONDS, "application/json", json.dumps({"loop_still_seconds": round(still, 1)})

    def readyz() -> tuple[bool, str, str]:
        health = dict(process.said())
        told = {"process": process.name, "replica": process.replica, **health}
        return bool(health.get("ok")) and healthz()[0], "application/json", json.dumps(told)

    def everything() -> tuple[bool, str, str]:
        text = merge({(process.name, process.replica): generate_latest(metrics.REGISTRY).decode()})
        return True, "text/plain; version=0.0.4", text

    answers = {"/healthz": healthz, "/readyz": readyz, "/metrics": everything}

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_SECONDS

        def do_GET(self) -> None:
            """Nothing but the three; what is wrong is a 503."""
            answer = answers.get(self.path.partition("?")[0])
            if answer is None:
                self.send_error(404)
                return
            is_well, media_type, text = answer()
            self.send_response(200 if is_well else 503)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing: a probe asks every few seconds."""

    return Handler
