"""What a letter a day says of how much is due: cases, however many wait for one."""

from datetime import timedelta

from schemas.events.handlers import CaseReturned
from sla.core.kinds import Owner
from sla.store.digests import burdens
from tests.integration.sla.events import Sla, assigned, china, registered
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case


async def test_a_case_that_several_wait_for_is_one(sla: Sla) -> None:
    """A dispatcher decides on its return while the citizen's deadline runs: one case is late for them, and in all."""
    case = fresh_case()
    at = MONDAY + timedelta(hours=1)
    returned = CaseReturned(
        case_id=case, version=4, at=at, department=HOUSING, reason="r", basis="b", return_count=1
    )
    before = await burdens(sla.unit.db, china("2027-01-04 09:00"), china("2027-01-04 23:59"))
    await sla.hear(registered(case), assigned(case), returned)
    after = await burdens(sla.unit.db, china("2027-01-04 09:00"), china("2027-01-04 23:59"))

    def overdue(owner: Owner | None) -> int:
        was, now = (sum(each.overdue for each in found if each.owner is owner) for found in (before, after))
        return now - was

    assert 2 == await sla.unit.db.fetchval(
        "SELECT count(*) FROM sla.clock WHERE case_id = $1 AND state = 'running'", case
    )
    assert (1, 1, 0) == (overdue(Owner.DISPATCHER), overdue(None), overdue(Owner.LEAD))


async def test_a_case_with_one_clock_late_and_another_due_is_overdue(sla: Sla) -> None:
    """Not due as well: both numbers stand in one letter."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    first, *_, last = await sla.unit.db.fetch(
        "SELECT due_at FROM sla.clock WHERE case_id = $1 AND state = 'running' ORDER BY due_at", case
    )
    assert first["due_at"] < last["due_at"]
    now, until = first["due_at"] + timedelta(minutes=1), last["due_at"]
    with_it = await burdens(sla.unit.db, now, until)
    await sla.unit.db.execute("DELETE FROM sla.clock WHERE case_id = $1", case)
    without = await burdens(sla.unit.db, now, until)

    def more(owner: Owner | None) -> tuple[int, int]:
        """How many more are due, and overdue, with the case than without."""
        own, others = ([each for each in found if each.owner is owner] for found in (with_it, without))
        return (
            sum(each.due for each in own) - sum(each.due for each in others),
            sum(each.overdue for each in own) - sum(each.overdue for each in others),
        )

    assert ((0, 1), (0, 1)) == (more(Owner.LEAD), more(None))
