"""The lifecycle of a case: one table (state, action, actor) → state, and the few rules that need more.

Pages, API errors, the diagram in the docs and the property tests are all made from `TABLE`.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from schemas.errors import ActionNotAllowed
from schemas.words import CaseState, CitizenAction


class Action(StrEnum):
    """What may happen to a case. Those of a department are also the last part of the API's address."""

    #: 登记
    REGISTER = "register"
    #: 转人工研判
    REVIEW = "review"
    #: 派单
    ROUTE = "route"
    #: 签收
    SIGN = "sign"
    #: 逾期未签视同签收
    DEEM_SIGNED = "deem-signed"
    #: 退单
    RETURN = "return"
    #: 驳回退单
    REFUSE_RETURN = "refuse-return"
    #: 延期申请
    EXTEND = "extend"
    #: 同意延期
    GRANT_EXTENSION = "grant-extension"
    #: 不同意延期
    REFUSE_EXTENSION = "refuse-extension"
    #: 挂起
    SUSPEND = "suspend"
    #: 恢复办理
    RESUME = "resume"
    #: 协办
    CO_HANDLE = "co-handle"
    #: 记录
    NOTE = "note"
    #: 答复
    REPLY = "reply"
    #: 审核通过
    APPROVE = "approve"
    #: 退回重写
    SEND_BACK = "send-back"
    #: 不予受理
    DECLINE = "decline"
    #: 并单
    MERGE = "merge"
    #: 撤回
    WITHDRAW = "withdraw"
    #: 不满意重办
    OBJECT = "object"
    #: 市民评价
    RATE = "rate"
    #: 市民补充
    SUPPLEMENT = "supplement"


class Actor(StrEnum):
    """In what part somebody acts on a case."""

    #: 系统
    SYSTEM = "system"
    #: 派单员
    DISPATCHER = "dispatcher"
    #: 主办单位
    LEAD = "lead"
    #: 协办单位
    SUPPORTING = "supporting"
    #: 督办员
    SUPERVISOR = "supervisor"
    #: 市民
    CITIZEN = "citizen"


_S = CaseState

#: What a department does, in the order in which its desk offers it.
DESK_ACTIONS = (
    Action.SIGN, Action.REPLY, Action.RETURN, Action.EXTEND, Action.SUSPEND, Action.RESUME,
    Action.CO_HANDLE, Action.NOTE,
)  # fmt: skip
#: Ended, by an answer or without.
ENDED = frozenset({_S.CLOSED, _S.MERGED, _S.DECLINED, _S.WITHDRAWN})
#: With the department; its reply clock runs, save while suspended.
IN_HAND = (_S.ASSIGNED, _S.IN_PROGRESS, _S.SUSPENDED, _S.REOPENED)

_STAY = "stay"
_BACK = None
_Target = CaseState | str | None

#: Who may do what, from which states, and where it leads.
#: `_STAY`: the same state; `_BACK`: the state before the review.
_RULES: tuple[tuple[Action, Collection[Actor], Collection[CaseState], _Target], ...] = (
    (Action.REGISTER, [Actor.SYSTEM], [_S.RECEIVED], _S.REGISTERED),
    (Action.REVIEW, [Actor.SYSTEM], [_S.REGISTERED], _S.IN_REVIEW),
    (Action.ROUTE, [Actor.SYSTEM, Actor.DISPATCHER], [_S.REGISTERED], _S.ASSIGNED),
    (Action.ROUTE, [Actor.DISPATCHER], [_S.IN_REVIEW], _S.ASSIGNED),
    (Action.SIGN, [Actor.LEAD], [_S.ASSIGNED, _S.REOPENED], _S.IN_PROGRESS),
    (Action.DEEM_SIGNED, [Actor.SYSTEM], [_S.ASSIGNED], _S.IN_PROGRESS),
    (Action.RETURN, [Actor.LEAD], [_S.ASSIGNED, _S.IN_PROGRESS], _S.IN_REVIEW),
    (Action.REFUSE_RETURN, [Actor.DISPATCHER], [_S.IN_REVIEW], _BACK),
    (Action.EXTEND, [Actor.LEAD], [_S.IN_PROGRESS], _STAY),
    (Action.GRANT_EXTENSION, [Actor.DISPATCHER], [_S.IN_PROGRESS], _STAY),
    (Action.REFUSE_EXTENSION, [Actor.DISPATCHER], [_S.IN_PROGRESS], _STAY),
    (Action.SUSPEND, [Actor.LEAD], [_S.IN_PROGRESS], _S.SUSPENDED),
    (Action.RESUME, [Actor.LEAD], [_S.SUSPENDED], _S.IN_PROGRESS),
    (Action.CO_HANDLE, [Actor.LEAD], IN_HAND, _STAY),
    (Action.NOTE, [Actor.LEAD, Actor.SUPPORTING], [*IN_HAND, _S.IN_REVIEW, _S.REPLIED], _STAY),
    (Action.REPLY, [Actor.LEAD], [_S.IN_PROGRESS, _S.REOPENED], _S.REPLIED),
    (Action.APPROVE, [Actor.DISPATCHER], [_S.REPLIED], _S.CLOSED),
    (Action.SEND_BACK, [Actor.DISPATCHER], [_S.REPLIED], _S.IN_PROGRESS),
    (Action.DECLINE, [Actor.DISPATCHER], [_S.REGISTERED, _S.IN_REVIEW], _S.DECLINED),
    (Action.MERGE, [Actor.DISPATCHER], [_S.REGISTERED, _S.IN_REVIEW, *IN_HAND], _S.MERGED),
    (Action.WITHDRAW, [Actor.CITIZEN], [_S.REGISTERED, _S.IN_REVIEW, *IN_HAND], _S.WITHDRAWN),
    (Action.OBJECT, [Actor.CITIZEN], [_S.CLOSED], _S.REOPENED),
    (Action.RATE, [Actor.CITIZEN], [_S.CLOSED], _STAY),
    (Action.SUPPLEMENT, [Actor.CITIZEN], [_S.REGISTERED, _S.IN_REVIEW, *IN_HAND, _S.REPLIED], _STAY),
)

#: The whole lifecycle. None: back to the state that the case had before the review.
TABLE: Mapping[tuple[CaseState, Action, Actor], CaseState | None] = {
    (state, action, actor): state if target is _STAY else target  # type: ignore[misc]  # _STAY is the only str
    for action, actors, states, target in _RULES
    for state in states
    for actor in actors
}

#: What each of the citizen's words asks for, in the order in which their page offers it.
_ASKED_BY_CITIZENS: Mapping[CitizenAction, Action] = {
    CitizenAction.RATING: Action.RATE,
    CitizenAction.OBJECTION: Action.OBJECT,
    CitizenAction.SUPPLEMENT: Action.SUPPLEMENT,
    CitizenAction.WITHDRAWAL: Action.WITHDRAW,
}

#: Project choice: three calendar days, since two working days (Shandong 2020) and one (Lüliang 2024) both fit
#: into them on ordinary days; the signing deadline, which knows the holidays, extends it.
RETURN_WITHIN = timedelta(days=3)
#: Project choice, as in Lüliang 2024.
MAX_EXTENSIONS = 3
#: Project choice: as long as Beijing's draft standard gives complex matters altogether.
MAX_EXTENSION_WORKDAYS = 15
#: Project choice: a citizen's objection reopens a case once, after which the answer is final in this procedure.
MAX_REOPENINGS = 1


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules ask beyond the state. `return_until`: the last moment for a return."""

    now: datetime
    return_until: datetime
    return_barred: bool = False
    due_at: datetime | None = None
    extension_pending: bool = False
    extension_count: int = 0
    reopened_count: int = 0
    is_report: bool = False


_GUARDS: Mapping[Action, Callable[[Facts], bool]] = {
    Action.RETURN: lambda facts: not facts.return_barred and facts.now <= facts.return_until,
    Action.EXTEND: lambda facts: (
        not facts.extension_pending
        and facts.extension_count < MAX_EXTENSIONS
        and (facts.due_at is None or facts.now < facts.due_at)
    ),
    # A pending extension is about this version of the case; what would make it pointless has to wait.
    Action.SUSPEND: lambda facts: not facts.extension_pending,
    Action.GRANT_EXTENSION: lambda facts: facts.extension_pending,
    Action.REFUSE_EXTENSION: lambda facts: facts.extension_pending,
    # Only routing knows whom a report accuses, so nobody else may spread one.
    Action.CO_HANDLE: lambda facts: not facts.is_report,
    Action.OBJECT: lambda facts: facts.reopened_count < MAX_REOPENINGS,
}


def is_allowed(state: CaseState, action: Action, actor: Actor, facts: Facts) -> bool:
    """Whether the table has it and its rule agrees."""
    guard = _GUARDS.get(action)
    return (state, action, actor) in TABLE and (guard is None or guard(facts))


def allowed_actions(state: CaseState, actor: Actor, facts: Facts) -> list[Action]:
    """What this actor may do now, a department's own actions first."""
    ordered = (*DESK_ACTIONS, *(action for action in Action if action not in DESK_ACTIONS))
    return [action for action in ordered if is_allowed(state, action, actor, facts)]


def citizen_may(state: CaseState, facts: Facts) -> tuple[CitizenAction, ...]:
    """What the citizen may do with a case that stands here: the events tell it, and intake offers it."""
    return tuple(
        asked
        for asked, action in _ASKED_BY_CITIZENS.items()
        if is_allowed(state, action, Actor.CITIZEN, facts)
    )


def advance(
    state: CaseState, action: Action, actor: Actor, facts: Facts, *, before: CaseState | None = None
) -> CaseState:
    """The state after `action`. `before`: the state that a review would give back.

    Raises:
        ActionNotAllowed: not in this state, not for this actor, or a rule forbids it; says what is allowed.
    """
    if not is_allowed(state, action, actor, facts):
        allowed = [str(each) for each in allowed_actions(state, actor, facts)]
        raise ActionNotAllowed(state=str(state), allowed_actions=allowed)
    return TABLE[state, action, actor] or before or CaseState.ASSIGNED


def next_state(
    state: CaseState, action: Action, actor: Actor, facts: Facts, *, before: CaseState | None = None
) -> CaseState | None:
    """The state after `action`, or None where it is not allowed: for what cannot be refused to anybody."""
    if not is_allowed(state, action, actor, facts):
        return None
    return advance(state, action, actor, facts, before=before)


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> received"]
    for action, actors, states, target in _RULES:
        who = ", ".join(actors)
        for state in states:
            lines += [f"    {state} --> {end}: {action} ({who})" for end in _ends(state, target)]
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in CaseState if state in ENDED)]) + "\n"


def _ends(state: CaseState, target: _Target) -> list[str]:
    if target is _BACK:
        return [_S.ASSIGNED, _S.IN_PROGRESS]
    return [state if target is _STAY else target]
