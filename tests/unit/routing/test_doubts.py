"""Why a person must look: codes with their facts, as they are now."""

import msgspec

from routing.core.decisions.review import Item
from routing.core.doubts import Doubt, raised, waiting_doubts
from schemas.ids import DepartmentCode
from schemas.values import Candidate, RaisedDoubt
from schemas.words import ReviewKind
from tests.unit.routing.decisions.test_review import CASE, ITEM

WATER = DepartmentCode("water")
ACCUSING = msgspec.structs.replace(CASE, accused=(WATER,))


def _item(*doubts: Doubt, **detail: object) -> Item:
    return msgspec.structs.replace(ITEM, detail={"doubts": list(doubts), **detail})


def test_every_doubt_brings_its_facts() -> None:
    """In the order in which they were raised; some need none."""
    detail = {
        "doubts": list(Doubt),
        "transfer": ["110", "119"],
        "outside": ["仲裁"],
        "unmerged": ["objected", "没修"],
        "sounds": ["4f2a", "收了钱"],
        "sounds_dangerous": ["5b3c", "叫不醒"],
        "me_too": ["7QXM-4T2K-9RWD-H3PA"],
        "several": ["water", "transport"],
    }

    assert (
        RaisedDoubt(code=Doubt.TRANSFER, facts=("110", "119")),
        RaisedDoubt(code=Doubt.OUTSIDE, facts=("仲裁",)),
        RaisedDoubt(code=Doubt.ACCUSED, facts=("water",)),
        RaisedDoubt(code=Doubt.ACCUSED_UNKNOWN),
        RaisedDoubt(code=Doubt.SOUNDS, facts=("4f2a", "收了钱")),
        RaisedDoubt(code=Doubt.SOUNDS_DANGEROUS, facts=("5b3c", "叫不醒")),
        RaisedDoubt(code=Doubt.NO_WORDS),
        RaisedDoubt(code=Doubt.UNMERGED, facts=("objected", "没修")),
        RaisedDoubt(code=Doubt.WITHDRAWAL),
        RaisedDoubt(code=Doubt.UNDONE),
        RaisedDoubt(code=Doubt.ME_TOO, facts=("7QXM-4T2K-9RWD-H3PA",)),
        RaisedDoubt(code=Doubt.RULINGS),
        RaisedDoubt(code=Doubt.SEVERAL, facts=("water", "transport")),
        RaisedDoubt(code=Doubt.UNSURE, facts=("0.46",)),
    ) == raised(detail, ["water"], 0.456)


def test_facts_that_nobody_noted_are_none() -> None:
    """An item of an older release has its doubts all the same."""
    assert (RaisedDoubt(code=Doubt.TRANSFER), RaisedDoubt(code=Doubt.OUTSIDE)) == raised(
        {"doubts": [Doubt.TRANSFER, Doubt.OUTSIDE]}, [], 0.0
    )
    assert () == raised({}, [], 0.0)


def test_whom_a_supplement_accuses_comes_first() -> None:
    """It was not known when the item was opened; that nobody was named no longer holds."""
    item = _item(Doubt.ACCUSED_UNKNOWN, Doubt.NO_WORDS)

    assert (
        RaisedDoubt(code=Doubt.ACCUSED, facts=("water",)),
        RaisedDoubt(code=Doubt.NO_WORDS),
    ) == waiting_doubts(item, ACCUSING)


def test_a_doubt_that_waits_keeps_its_facts() -> None:
    """Those that were noted when it was raised."""
    item = _item(Doubt.OUTSIDE, outside=["仲裁"])

    assert (RaisedDoubt(code=Doubt.OUTSIDE, facts=("仲裁",)),) == waiting_doubts(item, CASE)


def test_an_accusation_is_told_once_and_only_while_it_holds() -> None:
    """Also where it was known from the start."""
    item = _item(Doubt.ACCUSED)

    assert (RaisedDoubt(code=Doubt.ACCUSED, facts=("water",)),) == waiting_doubts(item, ACCUSING)
    assert () == waiting_doubts(item, CASE)


def test_returns_and_the_like_raise_no_accusation() -> None:
    """Only who is to handle a case at all may be whom it accuses."""
    item = msgspec.structs.replace(_item(Doubt.ACCUSED), kind=ReviewKind.RETURN)

    assert () == waiting_doubts(item, ACCUSING)


def test_how_unsure_the_rules_are_is_their_first_candidates_share() -> None:
    """Without a candidate: nothing at all."""
    unsure = _item(Doubt.UNSURE)
    candidates = (
        Candidate(category="transport", probability=0.41),
        Candidate(category="health", probability=0.3),
    )

    assert (RaisedDoubt(code=Doubt.UNSURE, facts=("0.41",)),) == waiting_doubts(
        msgspec.structs.replace(unsure, candidates=candidates), CASE
    )
    assert (RaisedDoubt(code=Doubt.UNSURE, facts=("0.00",)),) == waiting_doubts(unsure, CASE)
