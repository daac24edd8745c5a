"""Me too: which messages are merged by themselves, and into what."""

import pytest
from msgspec.structs import replace

from routing.core.classify import classify
from routing.core.decisions.review import RoutingCase
from routing.core.doubts import Doubt
from routing.core.me_too import looked_at, may_join, named_in, says_no_more
from routing.core.rules import load_rules
from schemas.ids import CaseId, DepartmentCode, TrackingCode
from schemas.values import SameMatter
from schemas.words import Urgency
from tests.integration.routing.cases import CLEAR, registered
from tests.unit.routing.decisions.test_review import CASE

SAME = SameMatter(case_id=CaseId("6a1f0000-0000-4000-8000-00000000000a"), tracking_code=TrackingCode("X"))
OPINION = classify(load_rules(), *CLEAR)
EVENT = registered(CLEAR, me_too=SAME)


def test_a_dispatcher_looks_at_what_names_a_matter() -> None:
    """Unless it is merged by itself; what names none is as sure as it was."""
    assert (Doubt.ME_TOO,) == looked_at(EVENT, OPINION).doubts
    assert looked_at(registered(CLEAR), OPINION) is OPINION


def test_only_what_says_no_more_is_merged_by_itself() -> None:
    """Nobody in danger, nor perhaps in any, nobody accused, nothing told in confidence, no word of its own."""
    assert says_no_more(EVENT, OPINION)
    assert not says_no_more(registered(CLEAR), OPINION)
    assert not says_no_more(replace(EVENT, me_too=replace(SAME, in_own_words=True)), OPINION)
    assert not says_no_more(replace(EVENT, confidential=True), OPINION)
    assert not says_no_more(EVENT, replace(OPINION, urgency=Urgency.EMERGENCY))
    assert not says_no_more(EVENT, replace(OPINION, doubts=(Doubt.ME_TOO, Doubt.SOUNDS_DANGEROUS)))
    assert not says_no_more(EVENT, replace(OPINION, protected=True))
    assert not says_no_more(EVENT, replace(OPINION, accused=(DepartmentCode("water"),)))


@pytest.mark.parametrize("state", ["answered", "declined", "merged", "withdrawn"])
def test_what_ended_otherwise_answers_for_nobody(state: str) -> None:
    """Nor does what is private, or unknown."""
    target: RoutingCase = replace(CASE, state="routed", confidential=False, protected=False, publish=True)

    assert may_join(target)
    assert not may_join(replace(target, state=state))
    assert not may_join(replace(target, confidential=True))
    assert not may_join(replace(target, protected=True))
    assert not may_join(None)


def test_what_its_citizen_keeps_to_themselves_since_answers_for_nobody() -> None:
    """Their word may be heard before the message of somebody who read it while it was public."""
    target: RoutingCase = replace(CASE, state="routed", response="已办", publish=True)

    assert may_join(target)
    assert not may_join(replace(target, publish=False))


def test_what_is_public_no_more_is_named_to_the_dispatcher() -> None:
    """The words may say no more than that it is the same: as what, nothing else would tell."""
    named = replace(registered(CLEAR), same_as=SAME.tracking_code)

    assert (Doubt.ME_TOO,) == looked_at(named, OPINION).doubts
    assert (SAME.tracking_code,) == named_in(named) == named_in(EVENT)
    assert not says_no_more(named, OPINION)
