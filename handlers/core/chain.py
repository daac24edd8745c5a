"""The audit log's chain: each row's hash covers the row and the hash before it: no change stays unseen."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import msgspec

from schemas.ids import CaseId

#: What a detail may hold: no fractions, since jsonb would not give them back digit for digit.
Detail = dict[str, str | int | bool | list[str] | None]

#: The hash before the first row.
START = b""

_canonical = msgspec.json.Encoder(order="deterministic")


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the log. `at` is UTC; `seq` counts from 1 within the case."""

    case_id: CaseId
    seq: int
    at: datetime
    actor: str
    role: str
    action: str
    from_state: str
    to_state: str
    version: int
    detail: Detail


class ChainHead(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a case's log as the case itself records it: a log that was cut short does not reach it."""

    seq: int
    hash: bytes
    state: str
    version: int


def row_hash(previous: bytes, entry: LogEntry) -> bytes:
    """SHA-256 of the previous hash and the row's canonical JSON: table order, the detail's keys sorted."""
    return sha256(previous + _canonical.encode(entry)).digest()


def first_broken(rows: Iterable[tuple[LogEntry, bytes]], head: ChainHead | None) -> int | None:
    """The number of the first row that is changed, missing or out of place; None where the chain holds.

    `head` None: the case itself is gone, and its first row counts as broken.
    """
    if head is None:
        return 1
    previous, seq, last = START, 0, None
    for entry, stored in rows:
        seq += 1
        if entry.seq != seq or row_hash(previous, entry) != stored:
            return seq
        previous, last = stored, entry
    if (seq, previous) != (head.seq, head.hash):
        return min(seq, head.seq) + 1
    if last is None or (last.to_state, last.version) != (head.state, head.version):
        return max(seq, 1)
    return None
