"""The answer to a dispatcher who has decided: where the case stands now."""

import msgspec

from routing.core.decisions.review import RoutingCase
from schemas.ids import CaseId, TrackingCode


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, where the case stands once that is done, and its version after the decision."""

    case_id: CaseId
    tracking_code: TrackingCode
    #: Where the case stands in routing; after a yes or no to its department, where it will stand.
    state: str
    version: int
    #: What was decided: yes, or no.
    accepted: bool = True
    #: False where the department's case follows: if it moves on before, nothing is done, and `…/dropped` says so.
    done: bool = True


def stands(case: RoutingCase, version: int) -> Decided:
    """What is said of a case that routing itself keeps in its new state."""
    return Decided(case_id=case.case_id, tracking_code=case.tracking_code, state=case.state, version=version)
