"""Recognises a case's form that is sent twice (reload, double click): the second time says that it was received."""

from collections.abc import Mapping

from intake.core.following.view import View
from intake.core.keys import IntakeKeys
from intake.steps import act_on_case
from schemas.http import Call

#: What is done where the same was received before.
DONE = "again"
#: The field of each form that holds what the citizen wrote, where it is not called like the action.
_WORDS: Mapping[str, str] = {"rating": "comment", "call-back": "said"}


def words_in(form: Mapping[str, str], action: str) -> str:
    """What the citizen wrote into the form of that action."""
    return form.get(_WORDS.get(action, action), "").strip()


async def is_same(call: Call, case: View, keys: IntakeKeys) -> bool:
    """Whether the form says what was accepted from it before: then nothing of it is lost."""
    action = call.path["action"]
    if action == "rating" and call.form.get("score", "") != str(case.rating):
        return False
    return await act_on_case.holds(call.unit, keys, case, action, words_in(call.form, action))
