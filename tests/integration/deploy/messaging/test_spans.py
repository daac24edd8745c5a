"""What traces show of a batch in which something comes again: one span for each event, and no error."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deploy import clock
from deploy.database.outbox import RelayNotifier
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.consuming.transaction import BatchTransaction
from deploy.messaging.records.envelope import Received
from deploy.observability import tracing
from schemas.ids import EventId
from tests.integration.deploy.rig import Rig
from tests.unit.deploy.records import supplemented

_SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _received(number: int) -> Received:
    return Received(
        record=None, event_id=EventId(clock.new_event_id()), event=supplemented(number), traceparent=_SAMPLED
    )


@pytest.mark.parametrize("again", ["in the batch", "after a crash"])
async def test_what_comes_again_is_no_error(rig: Rig, monkeypatch: pytest.MonkeyPatch, again: str) -> None:
    """Whoever looks for failures in the traces finds none after a crash or a rebalance."""
    seen, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(seen))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    first, second = _received(1), _received(2)
    with PrepareExecutor() as executor:
        transaction = BatchTransaction(rig.subscription, rig.context(RelayNotifier(rig.pool), executor))
        if again == "after a crash":
            await transaction.handle([first], {})
            seen.clear()
        batch = [first, second] if again == "after a crash" else [first, second, first]

        await transaction.handle(batch, {})

    assert [(1, 2), (2, 2)] == sorted(await rig.seen())
    spans = seen.get_finished_spans()
    assert len(batch) == len(spans)
    assert all(span.status.is_unset and not span.events for span in spans)
