"""An earlier case that a new one looks like: whether it may be suggested to merge them, and in what they differ."""

from collections.abc import Sequence
from enum import StrEnum

from routing.core.decisions.review import RoutingCase
from schemas.words import Kind


class Overlap(StrEnum):
    """How much of the text two cases share, as the hashes of their clauses tell: no probability of anything."""

    #: All that it says.
    TEXT = "text"
    #: Two of its telling sentences.
    TWO_SENTENCES = "two-sentences"
    #: One of them: of formulas, chance is enough.
    ONE_SENTENCE = "one-sentence"


class Differs(StrEnum):
    """In what a case differs from the earlier one."""

    #: Another district, or one is not known.
    REGION = "region"
    #: Another address, or one is not known.
    PLACE = "place"
    #: What the citizen wants.
    KIND = "kind"
    #: What it is about, as the rules see it.
    CATEGORY = "category"
    #: It came a day later or more.
    DAYS = "days"


def may_suggest(case: RoutingCase, earlier: RoutingCase) -> bool:
    """Whether to offer merging: the earlier one goes on, in the same district, and neither is for its own citizen alone."""
    goes_on = earlier.state in ("open", "routed") and earlier.response is None
    is_near = None in (case.region, earlier.region) or case.region == earlier.region
    return goes_on and is_near and is_open_to_staff(case) and is_open_to_staff(earlier)


def is_open_to_staff(case: RoutingCase) -> bool:
    """Whether a case may be named beside another one: neither confidential nor protected, no report, accusing nobody."""
    return not (case.is_private or case.kind is Kind.REPORT or case.accused or case.cleared)


def shared_by(similarity: float | None) -> Overlap:
    """What the similarity that intake tells stands for: see `intake.core.resemblance.similarity`."""
    if similarity is not None and similarity >= 1.0:
        return Overlap.TEXT
    return Overlap.TWO_SENTENCES if similarity is not None and similarity >= 0.9 else Overlap.ONE_SENTENCE


def differences(case: RoutingCase, earlier: RoutingCase) -> Sequence[Differs]:
    """In what they differ, as far as both are known."""
    mine, other = _address(case), _address(earlier)
    differs = (
        (case.region != earlier.region, Differs.REGION),
        (mine != other, Differs.PLACE),
        (case.kind is not earlier.kind, Differs.KIND),
        (case.category != earlier.category, Differs.CATEGORY),
        (abs((case.received_at - earlier.received_at).days) > 0, Differs.DAYS),
    )
    return tuple(what for is_so, what in differs if is_so)


def _address(case: RoutingCase) -> str:
    return (case.place.address or "") if case.place else ""
