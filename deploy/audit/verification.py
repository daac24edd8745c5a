"""Whether what is logged, what stands beside it and what is shown are as they were written."""

import hmac
from collections.abc import Sequence
from uuid import UUID

import msgspec

from deploy.database.pool import Connection
from handlers.core.case import case_seal, message_seal
from handlers.core.chain import Break, Seal, Why, first_broken, is_keyed
from handlers.store.audit import Chain, Held, chains
from schemas.ids import CaseId


class BrokenChain(msgspec.Struct, frozen=True, kw_only=True):
    """A history that was changed, the first row where that shows, and how."""

    case_id: CaseId
    row: int
    why: str


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and what does not hold."""

    cases: int
    rows: int
    broken: tuple[BrokenChain, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        return not self.broken


async def verify_chains(
    connection: Connection, keys: Sequence[bytes], case_id: CaseId | None = None
) -> Verified:
    """Read every row once, holding one case at a time. `keys`: the audit's, and former ones.

    Needs an open transaction; only one of a single snapshot sees cases and rows of the same moment.
    """
    seals = [seal_with(key) for key in keys]
    cases, rows, broken = 0, 0, []
    async for chain in chains(connection, None if case_id is None else [case_id]):
        cases += 1
        rows += len(chain.rows)
        if (found := broken_in(chain, seals)) is not None:
            broken.append(BrokenChain(case_id=chain.case_id, row=found.row, why=found.why))
    return Verified(cases=cases, rows=rows, broken=tuple(broken))


def seal_with(key: bytes) -> Seal:
    """HMAC-SHA-256 under that key, as units of work make it."""
    return lambda text: hmac.digest(key, text, "sha256")


def broken_in(chain: Chain, seals: Sequence[Seal], plain_until: int | None = None) -> Break | None:
    """The first row of the chain that does not hold, or the last one where the case beside it does not."""
    head = None if chain.held is None else chain.held.head
    found = first_broken(chain.rows, head, seals, plain_until=plain_until)
    if found is not None or chain.held is None:
        return found
    return _beside(chain, chain.held, seals)


def _beside(chain: Chain, held: Held, seals: Sequence[Seal]) -> Break | None:
    """What a keyed row vouches for: the last for the case as it left it, the first for the citizen's message."""
    (_, first), (_, last) = chain.rows[0], chain.rows[-1]
    if is_keyed(first) and held.message_seal not in [message_seal(held.message, seal) for seal in seals]:
        return Break(row=1, why=Why.MESSAGE)
    if is_keyed(last) and held.case.log_seal not in [case_seal(held.case, seal) for seal in seals]:
        return Break(row=len(chain.rows), why=Why.CASE)
    return None


def case_bytes(case_id: CaseId) -> bytes:
    """The id as anchors keep it."""
    return UUID(case_id).bytes
