"""The vocabulary of the lifecycle's rules: actions, actors, the facts that guards ask about, and the rule itself."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from schemas.words import CaseState


class Action(StrEnum):
    """What may happen to a case. Those of a department are also the last part of the API's address."""

    #: 登记
    REGISTER = "register"
    #: 转人工研判
    REVIEW = "review"
    #: 派单
    ROUTE = "route"
    #: 保护
    PROTECT = "protect"
    #: 签收
    SIGN = "sign"
    #: 超期未签视同签收
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
    #: 申请挂起
    SUSPEND = "suspend"
    #: 同意挂起
    GRANT_SUSPENSION = "grant-suspension"
    #: 不同意挂起
    REFUSE_SUSPENSION = "refuse-suspension"
    #: 申请承诺办理
    PROMISE = "promise"
    #: 同意承诺办理
    GRANT_PROMISE = "grant-promise"
    #: 不同意承诺办理
    REFUSE_PROMISE = "refuse-promise"
    #: 进展告知
    PROGRESS = "progress"
    #: 恢复办理
    RESUME = "resume"
    #: 向市民询问
    ASK = "ask"
    #: 市民回答询问
    ANSWER = "answer"
    #: 询问到期
    LAPSE = "lapse"
    #: 协办
    CO_HANDLE = "co-handle"
    #: 请协办单位办理
    ASK_PART = "ask-part"
    #: 提交协办结果
    PART = "part"
    #: 撤回协办请求
    WITHDRAW_PART = "withdraw-part"
    #: 督办回报
    REPORT_BACK = "report-back"
    #: 记录
    NOTE = "note"
    #: 答复
    REPLY = "reply"
    #: 撤回答复
    WITHDRAW_REPLY = "withdraw-reply"
    #: 审核通过
    APPROVE = "approve"
    #: 退回重写
    SEND_BACK = "send-back"
    #: 不予受理
    DECLINE = "decline"
    #: 直接答复
    ANSWER_DIRECTLY = "answer-directly"
    #: 复核撤回直接答复
    RECALL = "recall"
    #: 并单
    MERGE = "merge"
    #: 解除并单
    UNMERGE = "unmerge"
    #: 撤销刚才的决定
    UNDO = "undo"
    #: 撤销刚才的改派
    UNDO_MOVE = "undo-move"
    #: 撤销刚才的退回
    UNDO_SEND_BACK = "undo-send-back"
    #: 撤回
    WITHDRAW = "withdraw"
    #: 不满意重办
    OBJECT = "object"
    #: 回访未解决，重办
    REDO = "redo"
    #: 对不予受理或直接答复提出异议
    OBJECT_TO_REFUSAL = "object-to-refusal"
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


#: With the department; its reply clock runs, save while suspended.
IN_HAND = (CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.SUSPENDED, CaseState.REOPENED)

#: Where the city's rules give no time to sign. Project choice: three calendar days, since two working days (Shandong 2020)
#: and one (Lüliang 2024) both fit into them on ordinary days. Where they do, that time is the limit: it is an emergency's
#: half hour as well as another's working day.
RETURN_WITHIN = timedelta(days=3)
#: Project choice: after two returns a third department keeps the case; whoever still disagrees asks the supervisor.
MAX_RETURNS = 2
#: Project choice: who needs more than one answer from the citizen asks all at once, or telephones.
MAX_QUESTIONS = 1
#: Project choice: a court's expert or a season is waited for twice; what takes longer is promised for a date.
MAX_SUSPENSIONS = 2

#: Project choice: a date is promised, and put off once in time; a third one nobody would believe.
MAX_PROMISES = 2


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules ask beyond the state. `return_until`: the last moment for a return."""

    now: datetime
    return_until: datetime
    return_barred: bool = False
    due_at: datetime | None = None
    extension_pending: bool = False
    extension_count: int = 0
    #: A pause or a promised date waits for a dispatcher, a question for the citizen.
    pause_pending: bool = False
    suspension_count: int = 0
    promise_pending: bool = False
    promise_count: int = 0
    #: The end of the day that was promised.
    promised_until: datetime | None = None
    question_open: bool = False
    question_count: int = 0
    #: The last moment for an objection to a refusal; None where it is final.
    refusal_until: datetime | None = None
    #: A department supports it of which nothing is asked at the moment.
    may_ask_part: bool = False
    #: A supporting department's part is awaited that the lead asked for; or a matter that a dispatcher split off.
    parts_pending: bool = False
    matters_pending: bool = False
    #: Either is awaited of whoever asks.
    has_part: bool = False
    return_count: int = 0
    is_emergency: bool = False
    reopened_count: int = 0
    #: The last moment for an objection to the answer, as its citizen was told.
    objection_until: datetime | None = None
    #: A supervisor's order waits for the department's report.
    order_open: bool = False
    is_protected: bool = False
    is_withheld: bool = False
    #: Nobody has acted since a dispatcher moved the case, or said yes or no.
    may_undo: bool = False

    @property
    def is_overdue(self) -> bool:
        """Whether the present deadline has passed."""
        return self.due_at is not None and self.now >= self.due_at

    @property
    def may_ask(self) -> bool:
        """Whether a department may ask a dispatcher for time: in time, and for one thing after the other."""
        is_awaited = (
            self.extension_pending or self.pause_pending or self.promise_pending or self.question_open
        )
        return not (is_awaited or self.is_overdue)

    @property
    def may_move(self) -> bool:
        """The same, for more time on the deadline itself: once a date is promised, only another promise moves it."""
        return self.may_ask and self.promised_until is None


#: Where an action leads that changes no state.
STAY = "stay"
#: Where a refused return, or a move that is undone, leads: to the state before.
BACK = None
Target = CaseState | str | None


def always(_facts: Facts) -> bool:
    """The guard of a rule that asks nothing beyond state and actor."""
    return True


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who may do something, from which states, where it leads, and what must also be true (`guard`)."""

    action: Action
    actors: Collection[Actor]
    states: Collection[CaseState]
    target: Target
    guard: Callable[[Facts], bool] = always
