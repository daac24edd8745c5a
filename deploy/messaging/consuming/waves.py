"""Splits a batch for the steps: events of one type and of different cases in each call."""

from collections.abc import Iterator, Mapping, Sequence

from deploy.messaging.records.envelope import Received
from schemas.event import Event
from schemas.ports import Handler


def waves(batch: Sequence[Received]) -> Iterator[Sequence[Received]]:
    """`batch` in order, split so that no case appears twice in one part: the n-th part holds each case's n-th event."""
    seen: dict[str, int] = {}
    parts: list[list[Received]] = []
    for received in batch:
        turn = seen.get(received.event.case_id, 0)
        seen[received.event.case_id] = turn + 1
        if turn == len(parts):
            parts.append([])
        parts[turn].append(received)
    yield from parts


def by_type(
    batch: Sequence[Received], table: Mapping[type[Event], Handler]
) -> Iterator[tuple[Handler, Sequence[Received]]]:
    """`batch` by the type of its events, in order, each part with the line of `table` that handles it."""
    shares: dict[type[Event], list[Received]] = {}
    for received in batch:
        shares.setdefault(type(received.event), []).append(received)
    for event_class, share in shares.items():
        yield table[event_class], share
