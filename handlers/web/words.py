"""The Chinese words of the desk's pages for what happens to a case; English stands in `locale/en.po`."""

from collections.abc import Mapping

from handlers.core.lifecycle import Action, Actor

#: What happened, as the timeline says it: actions and the other rows of the log.
HAPPENED: Mapping[str, str] = {
    Action.ROUTE: "派到单位",
    Action.SIGN: "已签收",
    Action.DEEM_SIGNED: "逾期未签，视同签收",
    Action.RETURN: "已申请退单",
    Action.REFUSE_RETURN: "退单未准，不得再退",
    Action.EXTEND: "已请求延期",
    Action.GRANT_EXTENSION: "延期获准",
    Action.REFUSE_EXTENSION: "延期未准",
    Action.SUSPEND: "已挂起",
    Action.RESUME: "已恢复办理",
    Action.CO_HANDLE: "增加协办单位",
    Action.NOTE: "内部记录",
    Action.REPLY: "提交答复",
    Action.APPROVE: "答复审核通过，办结",
    Action.SEND_BACK: "答复退回重写",
    Action.DECLINE: "决定不予受理",
    Action.MERGE: "已并单",
    Action.WITHDRAW: "市民撤回",
    Action.OBJECT: "市民不满意，重办",
    "citizen.rated": "市民评价",
    "case.urged": "收到催办",
    "deadline.missed": "超过答复时限",
    "deadline.set": "时限调整",
    "contact.shown": "已查看联系方式",
}
#: A row that changed nothing: it came too late, or did not fit.
IGNORED = "来迟或不适用，未作改变"

#: What a department's forms are called, and what is said when one was done.
ACTIONS: Mapping[Action, tuple[str, str]] = {
    Action.SIGN: ("签收", "已签收。请在答复期限前办理并答复。"),
    Action.REPLY: ("答复", "答复已提交，等待审核。"),
    Action.RETURN: ("申请退单", "退单申请已提交，由派单员决定。"),
    Action.EXTEND: ("请求延期", "延期申请已提交，由派单员决定。"),
    Action.SUSPEND: ("挂起", "已挂起，答复时限暂停。"),
    Action.RESUME: ("恢复办理", "已恢复办理，答复时限继续计算。"),
    Action.CO_HANDLE: ("请其他单位协办", "已通知协办单位。"),
    Action.NOTE: ("内部记录", "已记录。"),
}

#: What the fields of the forms are called, for the summary of what is wrong.
FIELDS: Mapping[str, str] = {
    "note": "内部办理情况",
    "response": "给市民的答复",
    "text": "记录",
    "reason": "理由",
    "basis": "依据",
    "working_days": "延长几个工作日",
    "departments": "协办单位",
}

PARTS: Mapping[str, str] = {
    Actor.SYSTEM: "系统",
    Actor.DISPATCHER: "派单员",
    Actor.LEAD: "主办单位",
    Actor.SUPPORTING: "协办单位",
    Actor.SUPERVISOR: "督办员",
    Actor.CITIZEN: "市民",
}
