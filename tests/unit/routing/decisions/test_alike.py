"""What may be suggested as the same matter, and how that is said."""

import msgspec
import pytest

from routing.core.decisions.alike import Differs, Overlap, differences, may_suggest, shared_by
from schemas.ids import DepartmentCode, RegionCode
from schemas.values import Place
from schemas.words import Kind
from tests.unit.routing.decisions.test_review import CASE, OTHER

EAST, WEST = RegionCode("east"), RegionCode("west")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "declined"},
        {"state": "withdrawn"},
        {"state": "merged"},
        {"response": "已修好。"},
        {"confidential": True},
        {"protected": True},
        {"kind": Kind.REPORT},
        {"accused": (DepartmentCode("housing"),)},
        {"region": WEST},
    ],
    ids=lambda change: next(iter(change)) + str(next(iter(change.values()))),
)
def test_what_has_ended_is_kept_or_lies_elsewhere_is_never_suggested(change: dict[str, object]) -> None:
    """An earlier case that goes on in the same district is; of that kind it is not."""
    case = msgspec.structs.replace(CASE, region=EAST)
    earlier = msgspec.structs.replace(OTHER, region=EAST)

    assert may_suggest(case, earlier)
    assert not may_suggest(case, msgspec.structs.replace(earlier, **change))


@pytest.mark.parametrize("change", [{"confidential": True}, {"protected": True}, {"kind": Kind.REPORT}])
def test_nothing_is_suggested_for_a_case_that_is_kept(change: dict[str, object]) -> None:
    """Its answer is for its own citizen alone."""
    assert not may_suggest(msgspec.structs.replace(CASE, **change), OTHER)


def test_a_district_that_is_not_known_keeps_nothing_apart() -> None:
    """Whoever names none may well mean the same place: the dispatcher sees that the districts differ."""
    named = msgspec.structs.replace(OTHER, region=EAST)
    unnamed = msgspec.structs.replace(CASE, region=None)

    assert may_suggest(unnamed, named)
    assert may_suggest(named, msgspec.structs.replace(unnamed, state="routed"))


@pytest.mark.parametrize(
    ("similarity", "shared"),
    [
        (1.0, Overlap.TEXT),
        (0.9, Overlap.TWO_SENTENCES),
        (0.6, Overlap.ONE_SENTENCE),
        (None, Overlap.ONE_SENTENCE),
    ],
)
def test_what_is_shared_is_said_as_what_it_is(similarity: float | None, shared: Overlap) -> None:
    """Sentences, no share of a hundred that nobody measured."""
    assert shared is shared_by(similarity)


def test_what_differs_is_named() -> None:
    """Where, what is wanted, and when; nothing where all is the same."""
    earlier = msgspec.structs.replace(
        CASE, region=EAST, place=Place(address="幸福路"), kind=Kind.CONSULTATION, category="other"
    )

    assert not differences(CASE, CASE)
    assert {Differs.REGION, Differs.PLACE, Differs.KIND, Differs.CATEGORY} == set(differences(CASE, earlier))
