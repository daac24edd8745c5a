"""What the demo's departments do with matters that take long: promised dates, word of progress, parts, a pause asked for.

A few cases have a story each, so that every list of the product has something to show: a promise that runs, one that is put
off, one that is kept, a part that is awaited and one that is handed in, a pause that waits for the visitor to decide. A
promise that is left alone is broken once its day has passed: nobody here turns the clock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

#: A case as the API shows it to its department.
CaseJson = Mapping[str, Any]

#: Between the reply's deadline and the first date that is asked for, and between that and the second (project choices).
_LATER = timedelta(days=20)
#: As long as an appraisal may take (project choice).
_PAUSE = timedelta(days=10)
REASON = "涉及管线迁改，需要分步施工。"
PLAN = "先勘查现场，再迁改管线，最后恢复路面。"
#: What a part's department hands in.
CONTRIBUTION = "已到现场核对管线图，可以施工。"
_BASIS = "工程施工计划"
_STORIES = (
    ("promise", "progress", "reply"),
    ("promise", "progress"),
    ("promise", "progress", "promise"),
    ("co-handle", "ask-part", "reply"),
    ("co-handle", "ask-part"),
    ("suspend",),
)


class NextAction(NamedTuple):
    """What a department does next: the action, and what its form says."""

    action: str
    fields: dict[str, Any]


class LongMatters:
    """Which cases have a story, and how far each is."""

    def __init__(self, supporting: Sequence[str]) -> None:
        self._waiting = list(_STORIES)
        self._supporting = supporting
        self._left: dict[str, list[str]] = {}

    def begin(self, case: CaseJson) -> bool:
        """Give the case a story, while there is one that may begin with it; whether it has one now."""
        case_id = case["case_id"]
        if case_id not in self._left and self._waiting and self._waiting[0][0] in case["allowed_actions"]:
            self._left[case_id] = list(self._waiting.pop(0))
        return case_id in self._left

    def next_deed(self, case: CaseJson) -> NextAction | None:
        """What its lead does next, `reply` with nothing to say yet; None: what is next must wait, or all is done."""
        left = self._left.get(case["case_id"], [])
        if not left or left[0] not in case["allowed_actions"] or self._must_wait(case, left[0]):
            return None
        return NextAction(left[0], self._fields(case, left[0]))

    def was_done(self, case_id: str) -> None:
        """Strike the case's first deed off: the next one is the one after."""
        self._left[case_id].pop(0)

    def _must_wait(self, case: CaseJson, action: str) -> bool:
        """Word of progress and an answer wait for what was asked for: for the dispatcher, and for the part."""
        is_asked = case["promise_pending"] or any(part["state"] == "asked" for part in case["parts"])
        return action in ("progress", "reply") and bool(is_asked)

    def _fields(self, case: CaseJson, action: str) -> dict[str, Any]:
        match action:
            case "promise":
                later = {"date": _day_after(case["due_at"], _LATER), "plan": PLAN}
                return {**later, "reason": REASON, "basis": _BASIS}
            case "progress":
                return {"text": "已勘查现场，正在办理管线迁改手续。"}
            case "co-handle":
                other = next(code for code in self._supporting if code != case["lead"])
                return {"departments": [other], "reason": "涉及地下管线"}
            case "ask-part":
                return {"departments": case["supporting"][:1], "text": "请核对施工范围内的管线图。"}
            case "suspend":
                return {
                    "until": _day_after(case["assigned_at"], _PAUSE),
                    "reason": "等待第三方鉴定结果。",
                    "basis": _BASIS,
                }
        return {}


def _day_after(moment: str, later: timedelta) -> str:
    since = datetime.fromisoformat(moment)
    return f"{(since + later).date()}"
