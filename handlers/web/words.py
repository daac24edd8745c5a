"""The Chinese words of the desk's pages for what happens to a case; English stands in `locale/en.po`."""

from collections.abc import Mapping

from handlers.core.actions import ACTIONS
from handlers.core.files import ADDED, SHARED
from handlers.core.rules import Action, Actor
from handlers.core.verdicts import PROMISE_BROKEN

#: What happened, as the timeline says it: actions and the other rows of the log.
HAPPENED: Mapping[str, str] = {
    **{name: action.happened for name, action in ACTIONS.items()},
    Action.ROUTE: "派到单位",
    Action.PROTECT: "收回，由派单员重新派单",
    Action.DEEM_SIGNED: "逾期未签，视同签收",
    Action.REFUSE_RETURN: "退单未准，不得再退",
    Action.GRANT_EXTENSION: "延期获准",
    Action.REFUSE_EXTENSION: "延期未准",
    Action.GRANT_SUSPENSION: "挂起获准",
    Action.REFUSE_SUSPENSION: "挂起未准",
    Action.GRANT_PROMISE: "承诺办理获准",
    Action.REFUSE_PROMISE: "承诺办理未准",
    PROMISE_BROKEN: "未在承诺日期前答复",
    Action.APPROVE: "答复审核通过，办结",
    Action.SEND_BACK: "答复退回重写",
    Action.DECLINE: "决定不予受理",
    Action.MERGE: "已并单",
    Action.UNMERGE: "并单已解除",
    Action.WITHDRAW: "市民撤回",
    Action.ANSWER: "市民已回答",
    Action.LAPSE: "市民未在期限内回答，继续办理",
    Action.OBJECT_TO_REFUSAL: "市民对不予受理有异议",
    Action.OBJECT: "市民不满意，重办",
    "citizen.rated": "市民评价",
    "citizen.objected": "市民不满意",
    "case.withdrawn": "市民申请撤回",
    "case.urged": "收到催办",
    "deadline.missed": "超过答复时限",
    "breach.withdrawn": "超期撤销：此前已按时办理",
    "deadline.set": "时限调整",
    "contact.shown": "已查看联系方式",
    ADDED: "上传材料",
    SHARED: "改变材料的可见范围",
}
#: A row that changed nothing: it came too late, or did not fit.
IGNORED = "来迟或不适用，未作改变"

#: What the field of the form for contact details is called.
CONTACT_FIELDS: Mapping[str, str] = {"reason": "为什么需要联系"}

#: The same of those about files.
FILE_FIELDS: Mapping[str, str] = {"attachments": "附件", "audience": "谁能看", "attachment_id": "附件"}

#: What is said to whoever did something that is no action of the lifecycle.
DONE: Mapping[str, str] = {
    **{name: action.done for name, action in ACTIONS.items()},
    "files": "材料已上传。",
    "share": "可见范围已改。",
}

#: In what part somebody acted.
PARTS: Mapping[str, str] = {
    Actor.SYSTEM: "系统",
    Actor.DISPATCHER: "派单员",
    Actor.LEAD: "主办单位",
    Actor.SUPPORTING: "协办单位",
    Actor.SUPERVISOR: "督办员",
    Actor.CITIZEN: "市民",
}

#: What became of what a supporting department was asked for.
PART_STATES: Mapping[str, str] = {
    "asked": "办理中",
    "done": "协办结果已提交",
    "withdrawn": "已撤回",
    "lapsed": "已失效",
}
