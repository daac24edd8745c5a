"""The Chinese words of the desk's pages for what happens to a case; English stands in `locale/en.po`."""

from collections.abc import Mapping, Sequence

from handlers.core.actions import ACTIONS
from handlers.core.danger_said import DANGER_SAID
from handlers.core.entries import EntryAction
from handlers.core.files import ADDED, SHARED
from handlers.core.rules import Action, Actor
from handlers.core.verdicts import PROMISE_BROKEN

#: What happened, as the timeline says it: actions and the other rows of the log.
HAPPENED: Mapping[str, str] = {
    **{name: action.happened for name, action in ACTIONS.items()},
    Action.ROUTE: "派到单位",
    Action.PROTECT: "收回，由派单员重新派单",
    Action.DEEM_SIGNED: "超期未签，视同签收",
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
    Action.ANSWER_DIRECTLY: "派单员直接答复",
    Action.RECALL: "复核撤回直接答复",
    Action.MERGE: "已并单",
    Action.UNMERGE: "并单已解除",
    Action.UNDO: "派单员撤销了决定",
    Action.UNDO_MOVE: "派单员撤销了改派",
    Action.UNDO_SEND_BACK: "派单员撤销了退回，答复重新审核",
    Action.WITHDRAW: "市民撤回",
    Action.ANSWER: "市民已回答",
    Action.LAPSE: "市民未在期限内回答，继续办理",
    Action.OBJECT_TO_REFUSAL: "市民对不予受理有异议",
    Action.OBJECT: "市民不满意，重办",
    Action.REDO: "回访未解决，重办",
    DANGER_SAID: "市民又说到险情，请先核实",
    "tags.corrected": "派单员改了标签",
    "call-back.done": "中心已回访市民",
    "exclusion.asked": "单位申请不纳入考核",
    "exclusion.granted": "督办员同意不纳入考核",
    "exclusion.refused": "督办员未同意不纳入考核",
    "exclusion.appealed": "单位提出考核申诉",
    "exclusion.upheld": "考核申诉未获支持",
    "exclusion.withdrawn": "单位撤回不纳入考核的申请",
    "exclusion.revoked": "督办员撤销了不纳入考核",
    "citizen.rated": "市民评价",
    "citizen.objected": "市民不满意",
    "case.withdrawn": "市民申请撤回",
    "case.urged": "收到催办",
    "order.accepted": "督办员接受了回报",
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

#: Under what name the log has these, where it is another one.
LOGGED: Mapping[str, str] = {"files": ADDED, "share": SHARED}

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

#: The tabs of the list of entries: the API's word for the states, and how people call them.
ENTRY_TABS: Sequence[tuple[str, str]] = (
    ("all", "全部"),
    ("draft", "草稿"),
    ("proposed", "待审核"),
    ("live", "已公开"),
    ("expiring", "即将到期"),
    ("expired", "已过期"),
    ("withdrawn", "已撤下"),
)
#: What the fields of an entry are called.
ENTRY_FIELDS: Mapping[str, str] = {
    "questions": "问题",
    "answer": "答案",
    "basis": "依据",
    "document_number": "文号",
    "categories": "类别",
    "regions": "适用区县",
    "valid_from": "生效日期",
    "valid_until": "最后有效日期",
    "checked_on": "核对日期",
    "made_from": "由哪些件做成",
    "remarks": "为什么",
}
#: What was done to an entry, as its history says it.
ENTRY_ACTIONS: Mapping[str, str] = {
    EntryAction.SAVE: "保存草稿",
    EntryAction.PROPOSE: "提交审核",
    EntryAction.APPROVE: "审核通过，公开",
    EntryAction.SEND_BACK: "退回修改",
    EntryAction.WITHDRAW: "撤下",
    EntryAction.EXPIRE: "到期，不再公开",
    EntryAction.HOLD: "暂停公开，待核对",
}
#: What is said to whoever did it.
ENTRY_DONE: Mapping[str, str] = {
    EntryAction.SAVE: "草稿已保存，个人信息已自动遮盖，请核对。",
    EntryAction.PROPOSE: "已提交审核，派单员审核通过后公开。",
    EntryAction.APPROVE: "已公开。",
    EntryAction.SEND_BACK: "已退回修改。",
    EntryAction.WITHDRAW: "已撤下，不再公开。",
}
