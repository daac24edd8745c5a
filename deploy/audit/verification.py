"""Whether what is logged, what stands beside it and what is shown are as they were written."""

import hmac
import re
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

import intake.store.audit
import routing.store.audit
from deploy import clock
from deploy.audit.anchors import shortened
from deploy.audit.pins import BrokenAnchor, Pins, Restored
from deploy.database.pool import Connection
from handlers.core.case import is_sealed, message_seal
from handlers.core.chain import Break, Seal, Why, first_broken, is_keyed
from handlers.store.audit import Chain, Held, chains
from intake.store.audit import Shown
from schemas.ids import CaseId
from schemas.masking import for_public
from schemas.masking.spellings import unstyled

#: Cases whose views are asked for at once (project choice: some hundred kilobytes).
_AT_ONCE = 500
#: What routing said longer ago has reached handlers, or `/readyz` has long been red (project choice).
IN_FLIGHT = timedelta(hours=1)
#: Why: the citizen is shown another answer than the row logged · everybody is · the citizen was told of a later row.
#: Or: routing gave the case to a department, and handlers does not have it.
SHOWN, PUBLISHED, TOLD, UNASSIGNED = "shown", "published", "told", "unassigned"
#: Or: the register has the case, and routing does not · routing has it, and the register does not.
UNROUTED, UNREGISTERED = "unrouted", "unregistered"
#: States that handlers alone tells of, once it has logged them.
_TOLD_BY_HANDLERS = frozenset({"assigned", "in_progress", "suspended", "replied", "closed", "reopened"})
_APPROVE = "approve"
#: What a masker leaves, and what may have stood there (project choice: no address or list of numbers is longer).
_STARS, _HIDDEN = re.compile(r"\*+"), "[^。！？]{0,80}?"
#: After these the citizen reads a newer answer that is no reply to this case: why it was declined, or the other case's.
_ANSWERS_OF_OTHERS = ("decline", "merge")


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
    #: Anchors that were believed, and those that are not as they were written.
    anchors: int = 0
    broken_anchors: tuple[BrokenAnchor, ...] = ()
    #: Copies that were brought back: what was logged between is gone, and that is no fault.
    restored: tuple[Restored, ...] = ()
    #: Anchors that only the topic has, of another sweeper's folder, or of one that is gone.
    elsewhere: int = 0
    #: Why the topic could not be asked; empty where it was.
    topic_unasked: str = ""

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        return not (self.broken or self.broken_anchors)


async def verify_chains(
    connection: Connection, keys: Sequence[bytes], case_id: CaseId | None = None, *, pins: Pins | None = None
) -> Verified:
    """Read every row once, holding one case at a time. `keys`: the audit's, and former ones. `pins`: of the anchors.

    Needs an open transaction; only one of a single snapshot sees cases and rows of the same moment.
    """
    seals = [seal_with(key) for key in keys]
    pins = pins or Pins()
    cases, rows, broken, seen = 0, 0, [], set()
    async for some in _by_the_hundred(chains(connection, None if case_id is None else [case_id])):
        shown = await intake.store.audit.shown(connection, [chain.case_id for chain in some])
        for chain in some:
            cases += 1
            rows += len(chain.rows)
            seen.add(case_bytes(chain.case_id))
            found = broken_in(chain, seals, pins) or differently_shown(chain, shown.get(chain.case_id))
            if found is not None:
                broken.append(BrokenChain(case_id=chain.case_id, row=found.row, why=found.why))
    broken += [BrokenChain(case_id=gone, row=1, why=Why.ANCHOR) for gone in _gone(pins, seen, case_id)]
    if case_id is None:
        broken += [
            BrokenChain(case_id=gone, row=1, why=UNASSIGNED)
            for gone in await _routed_and_gone(connection, seen)
        ]
        broken += await _registers_differ(connection)
    return Verified(
        cases=cases, rows=rows, broken=tuple(broken), anchors=pins.read, broken_anchors=tuple(pins.broken),
        restored=pins.restored, elsewhere=pins.elsewhere,
    )  # fmt: skip


async def _by_the_hundred(found: AsyncIterator[Chain]) -> AsyncIterator[Sequence[Chain]]:
    """What is shown of cases is asked for together."""
    some: list[Chain] = []
    async for chain in found:
        some.append(chain)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _gone(pins: Pins, seen: Collection[bytes], case_id: CaseId | None) -> Iterator[CaseId]:
    """The cases that were anchored and of which there is neither case nor log any more."""
    asked = pins.cases if case_id is None else [case_bytes(case_id)]
    for case in asked:
        if case not in seen and any(pins.ends_of(case)):
            yield CaseId(str(UUID(bytes=case)))


async def _routed_and_gone(connection: Connection, seen: Collection[bytes]) -> Sequence[CaseId]:
    """The cases that routing gave to a department a while ago and that handlers does not have."""
    before = clock.now() - IN_FLIGHT
    routed = await routing.store.audit.routed_before(connection, before)
    return [case_id for case_id in routed if case_bytes(case_id) not in seen]


async def _registers_differ(connection: Connection) -> Sequence[BrokenChain]:
    """Cases that intake registered a while ago and routing never had, and those of routing that nobody registered."""
    registered = await intake.store.audit.registered_before(connection, clock.now() - IN_FLIGHT)
    unrouted = await routing.store.audit.unknown(connection, registered)
    routed = await routing.store.audit.every_case(connection)
    unregistered = await intake.store.audit.unregistered(connection, routed)
    found = [*((one, UNROUTED) for one in unrouted), *((one, UNREGISTERED) for one in unregistered)]
    return [BrokenChain(case_id=case_id, row=1, why=why) for case_id, why in found]


def seal_with(key: bytes) -> Seal:
    """HMAC-SHA-256 under that key, as units of work make it."""
    return lambda text: hmac.digest(key, text, "sha256")


def broken_in(chain: Chain, seals: Sequence[Seal], pins: Pins) -> Break | None:
    """The first row of the chain that does not hold, or the last one where the case beside it does not."""
    head, case = None if chain.held is None else chain.held.head, case_bytes(chain.case_id)
    found = first_broken(chain.rows, head, seals, plain_until=pins.plain_until(case))
    if found is not None or chain.held is None:
        return found
    return _unlike_anchors(chain, pins.ends_of(case)) or _beside(chain, chain.held, seals)


def _unlike_anchors(chain: Chain, ends: Iterable[tuple[int, bytes]]) -> Break | None:
    """The first row that an anchor knows and that is another today, or is gone."""
    for seq, end in ends:
        if seq > len(chain.rows):
            return Break(row=len(chain.rows) + 1, why=Why.ANCHOR)
        if shortened(chain.rows[seq - 1][1]) != end:
            return Break(row=seq, why=Why.ANCHOR)
    return None


def differently_shown(chain: Chain, shown: Shown | None) -> Break | None:
    """The row that is missing where the citizen was told of a later one; or that logged another answer than is shown.

    What intake has not heard of yet is not looked at.
    """
    if shown is None or chain.held is None:
        return None
    is_later = shown.version is not None and shown.version > chain.held.case.version
    if is_later and shown.state in _TOLD_BY_HANDLERS:
        return Break(row=len(chain.rows) + 1, why=TOLD)
    return _other_answer(chain, shown)


def _other_answer(chain: Chain, shown: Shown) -> Break | None:
    approved = [entry for entry, _ in chain.rows if entry.action == _APPROVE and "response" in entry.detail]
    if not approved:
        return None
    row = approved[-1]
    logged = row.detail["response"]
    if shown.response_at == row.at and shown.response != logged:
        return Break(row=row.seq, why=SHOWN)
    if shown.published_at == row.at and not _hides_nothing_else(str(shown.published), str(logged)):
        return Break(row=row.seq, why=PUBLISHED)
    # An answer that is younger than the last that was approved was approved by nobody.
    younger = [at for at in (shown.response_at, shown.published_at) if at is not None and at > row.at]
    is_open_to_others = any(entry.action in _ANSWERS_OF_OTHERS for entry, _ in chain.rows)
    return Break(row=row.seq, why=SHOWN) if younger and not is_open_to_others else None


def _hides_nothing_else(published: str, logged: str) -> bool:
    """Whether the first is the second but for what is masked, by whichever masker, and of whomever the citizen named.

    Stars for more than half of it are no mask.
    """
    if published in (logged, for_public(logged, official=True)):
        return True
    kept = [re.escape(part) for part in _STARS.split(unstyled(published))]
    if 2 * len(_STARS.sub("", published)) < len(logged):
        return False
    return re.fullmatch(_HIDDEN.join(kept), unstyled(logged), re.DOTALL) is not None


def _beside(chain: Chain, held: Held, seals: Sequence[Seal]) -> Break | None:
    """What a keyed row vouches for: the last for the case as it left it, the first for the citizen's message."""
    (_, first), (_, last) = chain.rows[0], chain.rows[-1]
    if is_keyed(first) and held.message_seal not in [message_seal(held.message, seal) for seal in seals]:
        return Break(row=1, why=Why.MESSAGE)
    if is_keyed(last) and not is_sealed(held.case, seals):
        return Break(row=len(chain.rows), why=Why.CASE)
    return None


def case_bytes(case_id: CaseId) -> bytes:
    """The id as anchors keep it."""
    return UUID(case_id).bytes
