"""Counts what became of suggestions, without names or texts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from intake.core.contacts.dialled import is_plausible_phone
from intake.core.keys import IntakeKeys
from intake.core.mini_app_signature import NONCE_KEPT_FOR, Signed
from intake.core.public.offers import (
    MOST_DAYS,
    MOST_REPORTED,
    KnowledgeFigures,
    OfferOutcome,
    figures_of,
    may_be_item,
)
from intake.core.sealing import phone_index
from intake.steps.suggest import Suggestion
from intake.store import nonce
from intake.store import offers as store
from schemas.days import day_of
from schemas.errors import NotFound, SignatureRefused
from schemas.events.intake import SubmissionAccepted
from schemas.ports import KnowledgeFacts, Unit
from schemas.words import Kind

#: Entries that are named (project choice: what somebody looks into at one sitting).
_NAMED = 20


async def note_shown(unit: Unit, offers: Sequence[Sequence[Suggestion]], zone: tzinfo) -> None:
    """Something was offered so often, and each of these."""
    items = Counter(each.tracking_code or each.entry_id or "" for found in offers for each in found)
    await store.count(unit.db, day_of(unit.now, zone), OfferOutcome.SHOWN, {**items, "": len(offers)})


async def open_offered(unit: Unit, item: str, zone: tzinfo) -> str:
    """Where the suggestion is read; that it was opened is counted.

    Raises:
        NotFound: nobody may read such a thing now.
    """
    known = await store.known_of(unit.db, [item], unit.now) if may_be_item(item) else {}
    if item not in known:
        raise NotFound
    await _count(unit, OfferOutcome.OPENED, [item], zone)
    return known[item]


async def note_solved(unit: Unit, items: Sequence[str], phone: str, keys: IntakeKeys, zone: tzinfo) -> None:
    """Note that a suggestion settled the matter; of a telephone only a keyed hash is kept."""
    await _count(unit, OfferOutcome.SOLVED, list(await _known(unit, items)), zone)
    await _remember(unit, phone, keys)


async def note_not_solved(unit: Unit, items: Sequence[str], zone: tzinfo) -> None:
    """Note that the citizen goes on writing; suggestions that nobody may read now are not counted."""
    if known := await _known(unit, items):
        await _count(unit, OfferOutcome.NOT_SOLVED, list(known), zone)


async def take_report(
    unit: Unit,
    signed: Signed,
    what: OfferOutcome,
    items: Sequence[str],
    phone: str,
    keys: IntakeKeys,
    zone: tzinfo,
) -> Sequence[str]:
    """Count what a mini-app says of these, once for each request: those of them that everybody may read now.

    Raises:
        SignatureRefused: the request came before.
    """
    if not await nonce.use_nonce(unit.db, signed.app, signed.nonce, unit.now, NONCE_KEPT_FOR):
        raise SignatureRefused
    known = list(await _known(unit, items))
    if known:
        await _count(unit, what, known, zone)
        if what is OfferOutcome.SOLVED:
            await _remember(unit, phone, keys)
    return known


async def _known(unit: Unit, items: Sequence[str]) -> Mapping[str, str]:
    named = list(dict.fromkeys(filter(may_be_item, items)))[:MOST_REPORTED]
    return await store.known_of(unit.db, named, unit.now) if named else {}


async def _remember(unit: Unit, phone: str, keys: IntakeKeys) -> None:
    if phone and is_plausible_phone(phone):
        await store.note_settled(unit.db, phone_index(keys, phone), unit.now)


async def note_filed(unit: Unit, events: Sequence[SubmissionAccepted], zone: tzinfo) -> None:
    """These became cases although their senders had been offered something; reports and secrets are in no count."""
    seen = [event for event in events if event.seen and not event.confidential and event.kind != Kind.REPORT]
    if seen:
        items = sorted({item for event in seen for item in event.seen})
        times = {"": len(seen)} | {item: sum(item in event.seen for event in seen) for item in items}
        await store.count(unit.db, day_of(unit.now, zone), OfferOutcome.FILED, times)


async def _count(unit: Unit, what: OfferOutcome, items: Sequence[str], zone: tzinfo) -> None:
    await store.count(unit.db, day_of(unit.now, zone), what, {"": 1} | dict.fromkeys(items, 1))


async def read_figures(unit: Unit, days: int, zone: tzinfo, facts: KnowledgeFacts) -> KnowledgeFigures:
    """What knowledge did in the last so many days, today among them."""
    last = day_of(unit.now, zone)
    first = last - timedelta(days=days - 1)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    others = await facts.of(unit, since)
    named, many = await store.unopened(unit.db, others.live, last - timedelta(days=MOST_DAYS), _NAMED)
    return figures_of(
        first,
        last,
        await store.sums(unit.db, first, last),
        await store.filed_again(unit.db, since, unit.now),
        others,
        named,
        many,
    )
