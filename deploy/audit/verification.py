"""Whether what is logged, what stands beside it and what is shown are as they were written."""

import hmac
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

import msgspec

import intake.store.audit
import routing.store.audit
import routing.store.told
import sla.store.audit
import sla.store.exclusions
from deploy import clock
from deploy.audit.account_changes import BrokenChange, broken_deed, compared_accounts
from deploy.audit.anchors import Log, shortened
from deploy.audit.answers import IN_FLIGHT, Beginnings, BesideLog, beginnings, otherwise_shown
from deploy.audit.differing import Differing
from deploy.audit.entries import BrokenEntry, broken_entries
from deploy.audit.exclusions import otherwise_excluded
from deploy.audit.orders import otherwise_ordered
from deploy.audit.pins import BrokenAnchor, Pins, Restored
from deploy.audit.words import otherwise_worded
from deploy.database.pool import Connection
from handlers.core.case import is_sealed, message_seal
from handlers.core.chain import Break, Seal, Why, first_broken, is_keyed
from handlers.store.audit import Chain, Held, chains
from schemas.bilingual import Bilingual, plain
from schemas.ids import CaseId
from sla.core.exclusions import Exclusion
from sla.core.orders import Order

#: Cases whose views are asked for at once (project choice: some hundred kilobytes).
_AT_ONCE = 500
#: Why: Kafka was told of a later version than the log has.
CUT = "cut"
#: Why: routing gave the case to a department, and handlers does not have it.
UNASSIGNED = "unassigned"
#: Or: the register has the case, and routing does not · routing has it, and the register does not.
UNROUTED, UNREGISTERED = "unrouted", "unregistered"


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
    #: Knowledge entries that are not what was written and approved.
    broken_entries: tuple[BrokenEntry, ...] = ()
    #: The first row about staff accounts and tokens that is not as it was written, or is gone; None where all are.
    broken_account_change: int | None = None
    #: Why; empty where all are.
    account_change_why: str = ""
    #: The first row of what operators did that is not as it was written, or is gone, and why; None and empty where all are.
    broken_operator_deed: int | None = None
    operator_deed_why: str = ""
    #: Staff accounts and tokens that are not as those rows left them.
    differing: tuple[Differing, ...] = ()
    #: Copies that were brought back: what was logged between is gone, and that is no fault.
    restored: tuple[Restored, ...] = ()
    #: Anchors that only the topic has, of another sweeper's folder, or of one that is gone.
    elsewhere: int = 0
    #: Why the topic could not be asked; empty where it was.
    topic_unasked: Bilingual = plain("")

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        is_broken = self.broken or self.broken_anchors or self.broken_entries or self.differing
        return not is_broken and self.broken_account_change is None and self.broken_operator_deed is None


async def verify_chains(
    connection: Connection,
    keys: Sequence[bytes],
    case_id: CaseId | None = None,
    *,
    pins: Pins | None = None,
    said: Mapping[CaseId, int] | None = None,
) -> Verified:
    """Read every row once, holding one case at a time. `keys`: the audit's, and former ones. `pins`: of the anchors.

    `said`: the last version of cases that Kafka was told of, read before.

    Needs an open transaction; only one of a single snapshot sees cases and rows of the same moment.
    """
    pins, said = pins or Pins(), said or {}
    seals, since = [seal_with(key) for key in keys], await beginnings(connection, pins.beside_since)
    cases, rows, broken, seen = 0, 0, [], set()
    async for some in _by_the_hundred(chains(connection, None if case_id is None else [case_id])):
        beside = await _beside_logs(connection, [chain.case_id for chain in some], pins)
        for chain in some:
            cases += 1
            rows += len(chain.rows)
            seen.add(case_bytes(chain.case_id))
            kept, orders, exclusions = beside[chain.case_id]
            arrived = clock.now() - IN_FLIGHT
            found = (
                broken_in(chain, seals, pins)
                or _cut(chain, said.get(chain.case_id, 0))
                or otherwise_shown(chain, kept, seals, since)
                or otherwise_worded(chain, kept.shown)
                or otherwise_ordered(chain, orders, arrived)
                or otherwise_excluded(chain, exclusions, seals, arrived)
            )
            if found is not None:
                broken.append(BrokenChain(case_id=chain.case_id, row=found.row, why=found.why))
    anchored = [*_gone(pins, seen, case_id)]
    broken += [BrokenChain(case_id=gone, row=1, why=Why.ANCHOR) for gone in anchored]
    broken += [
        BrokenChain(case_id=each, row=1, why=CUT)
        for each in sorted(said.keys() - set(anchored))
        if case_bytes(each) not in seen and case_id in (None, each)
    ]
    broken += await _without_logs(connection, case_id, seen, seals, since, pins)
    entries: Sequence[BrokenEntry] = ()
    change: BrokenChange | None = None
    deed: BrokenChange | None = None
    differing: Sequence[Differing] = ()
    if case_id is None:
        broken += [
            BrokenChain(case_id=gone, row=1, why=UNASSIGNED)
            for gone in await _routed_and_gone(connection, seen)
        ]
        broken += await _registers_differ(connection)
        entries = await broken_entries(connection, seals, since, pins)
        change, differing = await compared_accounts(connection, keys, pins)
        deed = await broken_deed(connection, keys, pins)
    return Verified(
        cases=cases, rows=rows, broken=tuple(broken), anchors=pins.read, broken_anchors=tuple(pins.broken),
        broken_entries=tuple(entries), broken_account_change=change.row if change else None,
        account_change_why=change.why if change else "", broken_operator_deed=deed.row if deed else None,
        operator_deed_why=deed.why if deed else "", differing=tuple(differing),
        restored=pins.restored, elsewhere=pins.elsewhere,
    )  # fmt: skip


async def _beside_logs(
    connection: Connection, case_ids: Sequence[CaseId], pins: Pins
) -> Mapping[CaseId, tuple[BesideLog, Sequence[Order], Sequence[Exclusion]]]:
    """What the other slices show and keep of these cases."""
    shown = await intake.store.audit.shown(connection, case_ids)
    told = await routing.store.told.of_cases(connection, case_ids)
    read = await routing.store.audit.read_again(connection, case_ids)
    orders = await sla.store.audit.orders(connection, case_ids)
    excluded = await sla.store.exclusions.of_cases(connection, case_ids)
    anchored = {each: tuple(pins.rows_of(Log.TOLD, case_bytes(each))) for each in case_ids}
    return {
        each: (
            BesideLog(told.get(each, ()), shown.get(each), anchored[each], read.get(each, ())),
            orders.get(each, ()),
            excluded.get(each, ()),
        )
        for each in case_ids
    }


async def _without_logs(
    connection: Connection,
    case_id: CaseId | None,
    seen: Collection[bytes],
    seals: Sequence[Seal],
    since: Beginnings,
    pins: Pins,
) -> Sequence[BrokenChain]:
    """Cases that no department has had, and that are shown another answer than a dispatcher gave."""
    named = [] if case_id is None else [case_id]
    ids = named or {
        *await intake.store.audit.answered(connection),
        *await routing.store.told.every_case(connection),
        *await routing.store.audit.every_read(connection),
        *(CaseId(str(UUID(bytes=each))) for each in pins.owners(Log.TOLD)),
    }
    left = sorted(each for each in ids if case_bytes(each) not in seen)
    broken = []
    for start in range(0, len(left), _AT_ONCE):
        some = left[start : start + _AT_ONCE]
        for each, (kept, *_) in (await _beside_logs(connection, some, pins)).items():
            found = otherwise_shown(None, kept, seals, since)
            if found is not None:
                broken.append(BrokenChain(case_id=each, row=found.row, why=found.why))
    return broken


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


def _cut(chain: Chain, said: int) -> Break | None:
    """The row behind the last, where Kafka was told of a later version."""
    is_cut = chain.held is not None and said > chain.held.case.version
    return Break(row=len(chain.rows) + 1, why=CUT) if is_cut else None


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
