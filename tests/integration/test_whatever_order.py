"""However late each slice hears each topic, and whatever is heard last: once all is heard, they know the same of a case."""

import random
from typing import Any

import pytest

from handlers.core.rules import Action
from schemas.city import load_city
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.scattered import ANOTHER, CASE, SURE, Scattered, act

CITY = load_city()


async def _row(slices: Scattered, table: str) -> dict[str, Any]:
    row = await slices.unit.db.fetchrow(f"SELECT * FROM {table} WHERE case_id = $1", CASE)  # noqa: S608  our own names
    return dict(row) if row else {}


async def _differences(slices: Scattered) -> dict[str, tuple[Any, Any]]:
    """What two slices know otherwise of one case: what the desk knows, where it has it, and what the other does."""
    desk, view = await _row(slices, "handlers.case"), await _row(slices, "intake.view")
    figures, routing = await _row(slices, 'sla."case"'), await _row(slices, "routing.case")
    found: dict[str, tuple[Any, Any]] = {}

    def same(what: str, here: Any, there: Any) -> None:
        if here != there:
            found[what] = (here, there)

    opened = await slices.unit.db.fetchval(
        "SELECT action FROM handlers.log WHERE case_id = $1 AND seq = 1", CASE
    )
    if opened in (None, Action.WITHDRAW):
        # No department ever had it.
        return found
    is_over = desk["closed_at"] is not None
    same("view.state", desk["state"], view["state"])
    same("figures.is_over", is_over, figures["closed_at"] is not None)
    same("figures.category", desk["category"], figures["category"])
    same("figures.region", desk["region"], figures["region"])
    same("figures.kind", desk["kind"], figures["kind"])
    same("figures.urgency", desk["urgency"], figures["urgency"])
    # Of one that has ended otherwise, or was never accepted, routing alone knows whom it accuses since.
    is_private = desk["protected"] or desk["confidential"] or routing["protected"]
    same("figures.private", is_private, figures["private"])
    if not figures["private"]:
        same("figures.tags", desk["tags"], figures["tags"])
        same("figures.item", desk["item"], figures["item"])
    if not desk["withheld"]:
        same("figures.lead", desk["lead"], figures["lead"])
        same("view.department", desk["lead"], view["department"])
        same("view.category", desk["category"], view["category"])
    if routing["state"] == "routed":
        same("routing.lead", desk["lead"], routing["lead"])
        same("routing.category", desk["category"], routing["category"])
        same("routing.tags", desk["tags"], routing["tags"])
        same("routing.item", desk["item"], routing["item"])
    return found


@pytest.mark.parametrize("seed", range(8))
async def test_all_slices_know_the_same_in_the_end(unit: RecordingUnit, seed: int) -> None:
    """A life at random: everybody acts on what their own slice knows, and hears of the others when chance has it."""
    chance = random.Random(seed)
    slices = Scattered(unit, CITY, chance, loses=1)
    await register(unit, SURE)
    await register(unit, ANOTHER)
    done = []
    for _ in range(120):
        if what := await act(slices, CITY, chance):
            done.append(what)
        await slices.hear_some(3)
    await slices.hear_all()
    letters = list(slices.lost)
    await slices.replay()

    assert {} == await _differences(slices), (done, letters)
