"""What was typed into an exclusion's form that no longer exists because somebody else was quicker."""

from collections.abc import Sequence

from schemas.http import Call
from schemas.words import Role
from sla.core.exclusions import Exclusion, ExclusionState, who_may_not

#: What a supervisor may still decide.
_TO_JUDGE = frozenset({ExclusionState.OPEN, ExclusionState.APPEALED, ExclusionState.GRANTED})


def unsent(call: Call, every: Sequence[Exclusion], *, may_ask: bool) -> Sequence[str]:
    """Its words, to be copied; nothing where the page has that form. `may_ask`: that of a new request is on it."""
    number, text = call.form.get("number", ""), call.form.get("text", "")
    is_there = (
        any(_has_form(call, each) for each in every if str(each.number) == number) if number else may_ask
    )
    return () if is_there or not text.strip() else (text,)


def _has_form(call: Call, exclusion: Exclusion) -> bool:
    if not exclusion.is_current:
        return False
    if call.principal.role is Role.DEPARTMENT:
        return exclusion.state is ExclusionState.REFUSED
    may_not = who_may_not(exclusion, call.principal.name, call.principal.department)
    return exclusion.state in _TO_JUDGE and may_not is None
