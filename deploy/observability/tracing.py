"""One trace from the citizen's form to the published reply, carried in `traceparent` across Kafka and Postgres.

Spans cost tens of microseconds, so only sampled messages get any: the flag travels in the traceparent itself, and
where no trace leaves (no OTEL_EXPORTER_OTLP_ENDPOINT), the header is passed on and nothing is recorded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from deploy.settings import Settings
from schemas.event import Event
from schemas.ids import CaseId

#: A traceparent of version 00 or later; ff, and ids of zeros alone, are none (W3C Trace Context §3.2.2).
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
#: Of the flags at its end (W3C Trace Context §3.2.2.5): others, as that the trace's id is random, may stand beside it.
_SAMPLED = 0x01
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("huiyin")


@dataclass(slots=True)
class _Leaving:
    """Whether this process's spans go anywhere: where none does, a request that brings no trace is not asked about one."""

    is_so: bool = False


_leaving = _Leaving()
_UNTRACED = nullcontext(None)


class Traced(Protocol):
    """An event that was received, with the trace that it belongs to."""

    @property
    def event(self) -> Event:
        """The event that a step handles, whose trace goes on."""
        ...

    @property
    def traceparent(self) -> str | None:
        """A valid W3C traceparent; None where the record had none."""
        ...


def valid_traceparent(text: str) -> str | None:
    """`text` if it is a traceparent; one that cannot be read is as good as none (W3C Trace Context §3.2)."""
    return text if _TRACEPARENT.fullmatch(text) else None


def is_sampled(traceparent: str | None) -> bool:
    """Whether the trace that it names is recorded; `traceparent`: a valid one, or None."""
    return traceparent is not None and bool(int(traceparent[-2:], 16) & _SAMPLED)


def start(settings: Settings, process: str) -> None:
    """Send this process's spans away, where settings name a place."""
    if not settings.otel_endpoint:
        return
    # Here: where no trace is sent, no process waits for what sends them.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    resource = Resource.create({"service.name": "huiyin", "service.instance.id": process})
    provider = TracerProvider(resource=resource, sampler=ParentBasedTraceIdRatio(settings.trace_ratio))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _leaving.is_so = True


def request_span(route: str, traceparent: str | None) -> AbstractContextManager[str | None]:
    """A span around one request; yields the traceparent that its events carry on."""
    return _UNTRACED if traceparent is None and not _leaving.is_so else _request_span(route, traceparent)


@contextmanager
def _request_span(route: str, traceparent: str | None) -> Iterator[str | None]:
    context = _propagator.extract({"traceparent": traceparent}) if traceparent else None
    with _tracer.start_as_current_span(route, context=context, kind=SpanKind.SERVER):
        # Where no trace leaves, the caller's own is passed on, if it is one.
        yield traceparent_now() or (valid_traceparent(traceparent) if traceparent else None)


def traceparent_now() -> str | None:
    """The traceparent of the current span; None where it belongs to no trace."""
    carrier: dict[str, str] = {}
    if trace.get_current_span().get_span_context().is_valid:
        _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def spans(group: str, batch: Sequence[Traced]) -> Iterator[Mapping[CaseId, str]]:
    """A span for each sampled event of a batch; yields the traceparent that goes on from each case."""
    sampled = [received for received in batch if is_sampled(received.traceparent)]
    continued: dict[CaseId, str] = {}
    with ExitStack() as stack:
        for received in sampled:
            context = _propagator.extract({"traceparent": received.traceparent or ""})
            span = stack.enter_context(
                _tracer.start_as_current_span(
                    f"{group} {received.event.type}",
                    context=context,
                    kind=SpanKind.CONSUMER,
                    attributes={"messaging.system": "kafka", "huiyin.case_id": received.event.case_id},
                )
            )
            if span.is_recording():
                carrier: dict[str, str] = {}
                _propagator.inject(carrier, context=trace.set_span_in_context(span))
                continued[received.event.case_id] = carrier["traceparent"]
        yield continued
