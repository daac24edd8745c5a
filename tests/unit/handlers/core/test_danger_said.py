"""What a citizen tells of danger later makes of a case at its departments."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from handlers.core.asks import Asks, Before, FormerHolder
from handlers.core.case import CaseChange, case_seal
from handlers.core.danger_said import DANGER_SAID, raise_alarm
from handlers.core.history import Happening, danger_said_in
from handlers.core.notices import Standing, news, why_not_told
from handlers.core.rules import Action
from schemas.events.pressing import UrgencyRaised
from schemas.events.routing import SupplementJudged
from schemas.notices import Occasion
from schemas.words import CaseState, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, SEAL, TRANSPORT, case

LATER = MONDAY + timedelta(hours=5)
HELD = case(supporting=(TRANSPORT,))
SAID = SupplementJudged(
    case_id=HELD.case_id, version=4, at=LATER, text="楼塌了", supplemented_at=LATER, danger=Urgency.EMERGENCY
)  # fmt: skip


@pytest.mark.parametrize(
    ("was", "said", "becomes"),
    [
        (Urgency.NORMAL, Urgency.EMERGENCY, Urgency.EMERGENCY),
        (Urgency.NORMAL, Urgency.URGENT, Urgency.URGENT),
        (Urgency.EMERGENCY, Urgency.URGENT, Urgency.EMERGENCY),
    ],
)
def test_a_case_is_never_less_pressing_for_it(was: Urgency, said: Urgency, becomes: Urgency) -> None:
    """Its version and its deadlines stay; each of its departments is told, on its topic and by letter."""
    change = raise_alarm(replace(HELD, urgency=was), replace(SAID, danger=said), LATER)

    assert change is not None
    assert (becomes, HELD.version, HELD.due_at) == (
        change.after.urgency,
        change.after.version,
        change.after.due_at,
    )
    assert (DANGER_SAID, DANGER_SAID) == (change.what, change.entry.action)
    told = [(notice.occasion, notice.department) for notice in news(change, LATER)]
    assert [(Occasion.DANGER_SAID, HOUSING), (Occasion.DANGER_SAID, TRANSPORT)] == told
    assert case_seal(change.after, SEAL) != case_seal(HELD, SEAL)
    raised = [(event.case_id, event.urgency) for event in change.events if isinstance(event, UrgencyRaised)]
    assert raised == ([] if was is becomes else [(HELD.case_id, becomes)])


def test_another_danger_is_told_again() -> None:
    """The same words are told once, though nothing else happened to the case between."""
    said = [replace(SAID, text=text) for text in ("楼塌了", "楼塌了！", "着火了")]
    told = [notice.id for each in said for notice in news(_raised(each), LATER)]

    assert told[:2] == told[2:4]
    assert not set(told[:2]) & set(told[4:])


def _raised(said: SupplementJudged) -> CaseChange:
    change = raise_alarm(HELD, said, LATER)
    assert change is not None
    return change


def test_words_without_danger_and_records_of_before_change_nothing() -> None:
    """No row either."""
    assert raise_alarm(HELD, replace(SAID, danger=None), LATER) is None


def test_a_case_that_has_ended_is_as_it_was() -> None:
    """Its departments hear of it all the same, also when the letter leaves; whoever lost it does not."""
    ended = replace(HELD, state=CaseState.CLOSED, closed_at=MONDAY)
    change = raise_alarm(ended, SAID, LATER)

    assert change is not None
    assert (Urgency.NORMAL, ()) == (change.after.urgency, change.events)
    standing = Standing("ABCD", change.after)
    assert "" == why_not_told(standing, Occasion.DANGER_SAID, HOUSING)
    withheld = Standing("ABCD", replace(change.after, withheld=True))
    assert "moved" == why_not_told(withheld, Occasion.DANGER_SAID, HOUSING)


def test_an_undone_move_leaves_it_as_pressing() -> None:
    """Whoever had it before has it back as it is now."""
    held = FormerHolder(**{name: getattr(HELD, name) for name in FormerHolder.__struct_fields__})
    before = Before(version=4, by="li", at=MONDAY, state=CaseState.IN_PROGRESS, asks=Asks(), held=held)
    change = raise_alarm(replace(HELD, asks=Asks(before=before)), SAID, LATER)

    assert change is not None
    assert change.after.asks.before is not None
    assert change.after.asks.before.held == replace(held, urgency=Urgency.EMERGENCY)


def _row(event: str, minutes: int, **detail: str) -> Happening:
    return Happening(
        at=MONDAY + timedelta(minutes=minutes), event=event, text="", actor="", role="system", state="in_progress",
        version=4, detail={**detail},
    )  # fmt: skip


def test_the_page_says_so_while_it_matters() -> None:
    """To whoever has the case since, and of an ended one what was said after its end."""
    routed, said = _row(Action.ROUTE, 0), _row(DANGER_SAID, 5, danger="emergency")
    moved = _row(Action.ROUTE, 9)

    assert danger_said_in([routed, said], None)
    assert not danger_said_in([routed, said, moved], None)
    assert not danger_said_in([routed], None)
    assert danger_said_in([routed, said], MONDAY)
    assert not danger_said_in([routed, said], MONDAY + timedelta(minutes=6))
