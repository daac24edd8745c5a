"""The audit log's chain: each row's hash covers the row and the hash before it, under a key that no database holds."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from schemas.ids import CaseId

#: What a detail may hold: no fractions, since jsonb would not give them back digit for digit.
Detail = dict[str, str | int | bool | list[str] | None]
#: In the detail of a row that makes a case more or less pressing: how pressing it was before.
FORMER_URGENCY = "urgency_before"
#: HMAC-SHA-256 under the audit's key.
Seal = Callable[[bytes], bytes]

#: The hash before the first row.
START = b""
#: The first byte of every keyed hash. Rows of releases before the key have plain SHA-256, one byte shorter (by arithmetic:
#: that byte, and 32 of HMAC-SHA256).
KEYED = b"\x01"
_KEYED_BYTES = 33

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


class Why(StrEnum):
    """What is wrong with a row, or with what stands beside the log."""

    #: The row is not as it was written.
    CHANGED = "changed"
    #: The row is not there, or nobody wrote it.
    MISSING = "missing"
    #: The row has no key's hash where it must have one.
    UNKEYED = "unkeyed"
    #: The case's state or version is not the one that the row led to.
    STATE = "state"
    #: The case's other fields are not as the row left them.
    CASE = "case"
    #: The citizen's message is not as it came.
    MESSAGE = "message"
    #: An anchor outside the database knows another row.
    ANCHOR = "anchor"


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """The first row that does not hold, and why."""

    row: int
    why: str


def is_keyed(row_hash: bytes) -> bool:
    """Whether the hash was made with the key, or says so."""
    return len(row_hash) == _KEYED_BYTES and row_hash.startswith(KEYED)


def row_hash(seal: Seal, previous: bytes, entry: LogEntry) -> bytes:
    """The keyed hash of the previous hash and the row's canonical JSON: table order, the detail's keys sorted."""
    return KEYED + seal(b"row\0" + previous + _canonical.encode(entry))


def plain_hash(previous: bytes, entry: LogEntry) -> bytes:
    """What stood in its place before the log was keyed: SHA-256, which anybody can make."""
    return sha256(previous + _canonical.encode(entry)).digest()


def first_broken(
    rows: Sequence[tuple[LogEntry, bytes]],
    head: ChainHead | None,
    seals: Sequence[Seal],
    *,
    plain_until: int | None = None,
) -> Break | None:
    """The first row that is changed, missing or out of place; None where the chain holds.

    `head` None: the case itself is gone, and its first row counts as broken. `seals`: of the key, and of former ones.
    `plain_until`: the last row that may be
    without a key; None: rows may be, up to the first that has one.
    """
    if head is None:
        return Break(row=1, why=Why.MISSING)
    previous = START
    for seq, (entry, stored) in enumerate(rows, start=1):
        if entry.seq != seq:
            return Break(row=seq, why=Why.MISSING)
        if is_keyed(stored):
            fits = any(row_hash(seal, previous, entry) == stored for seal in seals)
        elif is_keyed(previous) or (plain_until is not None and seq > plain_until):
            return Break(row=seq, why=Why.UNKEYED)
        else:
            fits = plain_hash(previous, entry) == stored
        if not fits:
            return Break(row=seq, why=Why.CHANGED)
        previous = stored
    return _against_head(rows, previous, head)


def _against_head(rows: Sequence[tuple[LogEntry, bytes]], last_hash: bytes, head: ChainHead) -> Break | None:
    seq = len(rows)
    if (seq, last_hash) != (head.seq, head.hash):
        return Break(row=min(seq, head.seq) + 1, why=Why.MISSING)
    if not rows or (rows[-1][0].to_state, rows[-1][0].version) != (head.state, head.version):
        return Break(row=max(seq, 1), why=Why.STATE)
    return None
