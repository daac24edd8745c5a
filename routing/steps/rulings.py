"""Rulings are written with the decision on a return or an objection, listed, and withdrawn by hand."""

from routing.core.decisions.catalogue import KeptRuling, RulingMade
from routing.core.decisions.outcome import Outcome
from routing.core.decisions.review import Decision, Item, RoutingCase
from routing.core.decisions.rulings import ONLY_RULED, contradicting, ruling_of
from routing.core.rules import RoutingRules, load_rules
from routing.store import rulings, told
from schemas.city import City
from schemas.errors import NotFound
from schemas.paging import page_of
from schemas.ports import Unit


def check_has_none(decision: Decision) -> None:
    """Refuse a decision that carries a ruling where it can carry none.

    Raises:
        BadInput: it does.
    """
    if decision.ruling is not None:
        raise ONLY_RULED


async def write(
    unit: Unit,
    city: City,
    rules: RoutingRules | None,
    case: RoutingCase,
    item: Item,
    outcome: Outcome,
    decision: Decision,
    by: str,
) -> None:
    """Keep the ruling that the decision holds, if any, sealed beside what its dispatcher said of the case.

    `rules`: None: the example city's.

    Raises:
        BadInput: it is none that may be kept, or contradicts one that holds.
    """
    if decision.ruling is None:
        return
    made = ruling_of(city, rules or load_rules(), case, item, outcome, decision.ruling)
    await rulings.lock(unit.db)
    refusal = contradicting(made, await rulings.in_force(unit.db))
    if refusal is not None:
        raise refusal
    number = await rulings.add(unit.db, made, by, unit.now)
    await told.keep(unit, _said(unit, made, number, by))


def _said(unit: Unit, made: RulingMade, number: int, by: str) -> told.DispatcherSaid:
    named = "、".join(made.words)
    where = " · ".join(each for each in (made.category, made.region) if each)
    return told.DispatcherSaid(
        case_id=made.case_id, version=made.version, what="ruled", at=unit.now, by=by,
        words=f"#{number} {named}{f' ({where})' if where else ''} → {made.department}",
    )  # fmt: skip


async def end(unit: Unit, number: int, by: str) -> None:
    """Withdraw one: it decides nothing from then on, and stays in the list. Sent twice, done once.

    Raises:
        NotFound: there is no such ruling.
    """
    await rulings.lock(unit.db)
    origin = await rulings.origin(unit.db, number)
    if origin is None:
        raise NotFound
    if not await rulings.end(unit.db, number, by, unit.now):
        return
    case_id, version = origin
    said = told.DispatcherSaid(
        case_id=case_id, version=version, what="unruled", at=unit.now, by=by, words=f"#{number}"
    )
    await told.keep(unit, said)


async def end_of(unit: Unit, item: Item, by: str) -> None:
    """Withdraw what was ruled with a decision that its dispatcher takes back."""
    for number in await rulings.of_decision(unit.db, item.case_id, item.version, by):
        await end(unit, number, by)


async def read(unit: Unit, before: int | None, limit: int) -> tuple[list[KeptRuling], KeptRuling | None]:
    """The rulings, the latest first; and the last of the page where there is another page."""
    rows, last = page_of(await rulings.latest(unit.db, before, limit + 1), limit)
    return list(rows), last
