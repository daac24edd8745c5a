"""What a citizen already did with a case, such as rating it, so that a repeated form is recognised."""

from collections.abc import Mapping

from intake.core.following.asked_back import ANSWERED_BACK, ANSWERS, ASKED_BACK
from intake.core.following.view import NOT_WITHDRAWN, View

#: The line that says that something was accepted from the citizen, and the one that says that it was not carried out.
_RECEIVED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "withdrawal": ("withdrawal", NOT_WITHDRAWN),
    "objection": ("objected", ("objection_dropped",)),
    "rating": ("rated", ANSWERS),
    "answer": ("answered_question", ("asked",)),
    "call-back": (ANSWERED_BACK, (ASKED_BACK,)),
}


def was_received(view: View, action: str) -> bool:
    """Whether that was accepted from the citizen before, and stands."""
    if action not in _RECEIVED:
        return False
    line, undone = _RECEIVED[action]
    told = [entry.event for entry in view.timeline if entry.event in (line, *undone)]
    return told[-1:] == [line]


def words_received(view: View, action: str) -> str:
    """What the citizen wrote with it, masked; an answer's words stand among what was added."""
    line = _RECEIVED[action][0]
    return next(entry.words for entry in reversed(view.timeline) if entry.event == line)
