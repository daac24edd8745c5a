"""How sure the machine has to be: what holds, what another wish would cost, and who changed it when."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from routing.core.learning.lesson_doubts import LessonDoubt, of_this_city
from routing.core.precision import RECKONED_DAYS, Cost, NewWish, Wish, check_wish, costs
from routing.steps.read_queue import count_unsure
from routing.store import precision as store
from schemas.city import City
from schemas.ports import Unit

#: Two sends of one form, as with a decision (project choice).
_SENT_TWICE = timedelta(seconds=5)
#: Project choice: a screen; a city changes its mind a few times a year.
_SHOWN = 20


class ShownPrecision(msgspec.Struct, frozen=True, kw_only=True):
    """What is wished, how many wait because of it now, and what each other wish would cost in a week."""

    #: None: the word lists decide, and nothing was measured.
    wished: float | None
    unsure: int
    received_a_week: int
    costs: Sequence[Cost]
    history: Sequence[Wish]
    #: What the model that decides does not know of this city, and what makes its figures worth little.
    doubts: Sequence[LessonDoubt]


async def read_precision(unit: Unit, city: City) -> ShownPrecision:
    """What holds now, of the model that decides."""
    model = await store.measured(unit.db)
    wished, curve = await store.newest(unit.db), model.curve if model else ()
    if wished is None and model is not None:
        wished = model.precision
    received = await store.received(unit.db, unit.now, RECKONED_DAYS)
    return ShownPrecision(
        wished=wished if curve else None,
        unsure=await count_unsure(unit),
        received_a_week=received,
        costs=costs(curve, wished, received),
        history=await store.of(unit.db, _SHOWN),
        doubts=of_this_city(model.labels, (*model.doubts, *model.further_doubts), city) if model else (),
    )


async def wish(unit: Unit, wished: NewWish, by: str, city: City) -> ShownPrecision:
    """Wish another precision from now on; what waits already waits on.

    Raises:
        BadInput: no reason, or no precision of the table.
    """
    model = await store.measured(unit.db)
    check_wish(wished, model.curve if model else ())
    await store.add(unit.db, wished, by, unit.now, again_after=_SENT_TWICE)
    return await read_precision(unit, city)
