"""The timeline's sentences: for the citizen, in both languages; no internal note and no name of a person."""

from collections.abc import Mapping

from intake.core.following.asked_back import CALLED_BACK
from intake.core.following.view import ELSEWHERE, UNMERGED, TimelineEntry
from schemas.city import City
from schemas.words import Language

#: What happened, in Chinese and in English.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "received": ("已收到您的留言。", "Your message was received."),
    "registered": ("已登记，等待派单。", "Registered; waiting to be assigned."),
    "in_review": ("正在由派单员研判由谁办理。", "A dispatcher is deciding who handles it."),
    "undone": (
        "派单员撤销了刚才的决定，正在重新研判。",
        "The dispatcher took the last decision back and is deciding once more.",
    ),
    "recalled": (
        "复核发现先前的答复有误，已撤回，请不要再依据它；新的答复会出现在这里。",
        "A second reading found the answer wrong: it is taken back, please do not rely on it. Another one will follow.",
    ),
    "verdict_undone": (
        "派单员撤销了刚才的决定，正在重新审核。",
        "The dispatcher took the last decision back and is looking at the request once more.",
    ),
    "move_undone": (
        "派单员撤销了改派，仍由{department}办理。",
        "The dispatcher took the move back: it is with {department} again.",
    ),
    "assigned": ("已派给{department}办理。", "Assigned to {department}."),
    "in_progress": ("{department}已签收，正在办理。", "{department} has taken it on."),
    "kept": ("经研判，仍由{department}办理。", "After review, {department} keeps it."),
    "extended": (
        "因情况复杂，办理期限延长 {working_days} 个工作日。",
        "More time was granted: {working_days} working days.",
    ),
    "suspended": ("因需等待外部条件，暂缓办理。", "On hold, waiting for something outside."),
    "suspended_until": (
        "因需等待外部条件，暂缓办理，最晚到 {due_date}。",
        "On hold until {due_date} at the latest, waiting for something outside.",
    ),
    "resumed": ("已恢复办理。", "Work on it has resumed."),
    "replied": ("{department}已答复，正在审核。", "{department} has replied; the reply is being reviewed."),
    "sent_back": (
        "答复需要修改，{department}正在重写。",
        "The reply needs changes; {department} is rewriting it.",
    ),
    "reply_withdrawn": (
        "{department}撤回了还在审核的答复，正在修改。",
        "{department} took back the reply that was being reviewed and is changing it.",
    ),
    "answered": ("答复已发出，请查看。", "The answer is here; please read it."),
    "answered_directly": (
        "已直接答复，依据{department}核对过的知识点，请查看。",
        "Answered directly, from an entry that {department} has checked; please read it.",
    ),
    "closed": ("已办结。", "Closed."),
    "reopened": ("已重新办理。", "Reopened."),
    "declined": (
        "不属于受理范围，请看说明的法定途径。",
        "Not for the city to handle; see the legal route given.",
    ),
    "merged": (
        "与另一件相同的诉求合并办理，答复将同样发给您。",
        "Handled together with another case; you get its answer.",
    ),
    UNMERGED: (
        "不再与另一件合并办理，正在由派单员研判由谁单独办理。",
        "No longer handled together with the other case; a dispatcher is deciding who handles it by itself.",
    ),
    ELSEWHERE: (
        "与之合并的那一件有了答复；本件已不再与它合并，那份答复不再是本件的答复。",
        "The case that it was handled together with was answered; that answer is not this case's any more.",
    ),
    "withdrawn": ("已撤回。", "Withdrawn."),
    "withdrawal": ("您申请撤回。", "You asked to withdraw it."),
    "asked": (
        "{department}请您补充，最晚 {due_date} 回答；不回答也会继续办理。",
        "{department} asks you for something; please answer by {due_date}. Without an answer the work goes on.",
    ),
    "promised": (
        "{department}承诺在 {due_date} 前办好。",
        "{department} promises to settle it by {due_date}.",
    ),
    "progress": ("{department}告知进展：", "{department} tells how far it is:"),
    "answered_question": ("您回答了承办单位的询问。", "You answered the department's question."),
    "matter_asked": (
        "其中一项交{department}办理，由主办单位一并答复您：",
        "One matter of it is with {department}; the lead department answers all of them together:",
    ),
    "matter_done": ("{department}已办理其中一项。", "{department} has dealt with its matter."),
    "question_answered": (
        "承办单位已收到您的回答，继续办理。",
        "The department has your answer and goes on.",
    ),
    "question_lapsed": ("没有收到回答，承办单位继续办理。", "There was no answer; the department goes on."),
    "withdrawal_dropped": (
        "未能撤回：您申请时承办单位已经答复，或此件已经办结。",
        "It could not be withdrawn: it had been answered, or had ended.",
    ),
    "withdrawal_held": (
        "没有直接撤回：您的说明须由派单员先核实。核实后您仍可撤回。",
        "Not withdrawn yet: a dispatcher looks into what you wrote first. You may still withdraw it then.",
    ),
    "objection_dropped": (
        "未能重办：此件不能再提出异议。",
        "It was not reopened: it cannot be objected to any more.",
    ),
    "supplemented": ("您补充了说明。", "You added something."),
    "supplemented_again": (
        "您再次提交了相同的补充，已有记录。",
        "You sent the same addition again; the case has it already.",
    ),
    "rated": ("您的评价：{score} 分（满分 5 分）。", "You rated the answer {score} of 5."),
    "objected": ("您提出了异议。", "You objected."),
    "call_back_due": (
        "诉求中心将电话回访，问您是否解决。",
        "The centre will call you back and ask whether it is settled.",
    ),
    "asked_back": (
        "请在 {due_date} 前告诉我们是否解决，在本页回答即可。",
        "Please tell us by {due_date} whether it is settled; you can answer on this page.",
    ),
    "answered_back": ("您回答了回访。", "You answered what we asked you."),
    "called_back": ("回访结果：{cause}。", "You were asked back: {cause}."),
    "publication_allowed": ("您允许公开答复。", "You allowed publication of the reply."),
    "publication_refused": ("您不再允许公开答复。", "You no longer allow publication of the reply."),
    "office_withheld": (
        "经审核，本件的留言和答复不对外公开，您自己仍可查看。",
        "After a review the message and the reply are not published; you can still read them here.",
    ),
    "office_allowed": (
        "经审核，本件的留言和答复可以公开，以您的选择为准。",
        "After a review the message and the reply may be published, if you allow it.",
    ),
    "deadline": ("答复时限调整为 {due_date}（{cause}）。", "The answer is now due by {due_date} ({cause})."),
}

_CAUSES: Mapping[str, tuple[str, str]] = {
    "extended": ("延期", "extension"),
    "resumed": ("恢复办理", "work resumed"),
    "suspended": ("暂缓办理", "on hold"),
    "reopened": ("重新办理", "reopened"),
    "calendar": ("工作日历调整", "holiday calendar"),
    "promised": ("承诺办理", "date promised"),
    "reassigned": ("改派", "reassigned"),
    "undone": ("撤销决定", "a decision was taken back"),
    "rules": ("改用现行规则", "the present rules apply"),
    "urgency": ("情况紧急", "it is urgent"),
}
_SOLVED: Mapping[str, tuple[str, str]] = {
    "yes": ("您说已解决", "settled, as you said"),
    "partly": ("您说部分解决", "partly settled, as you said"),
    "no": ("您说没有解决", "not settled, as you said"),
    "cannot": ("无法解决，原因已说明", "it cannot be settled, and why was explained"),
    "unreached": ("没有联系上您", "we did not reach you"),
}
_OTHER_CAUSE = ("调整", "adjusted")
_PROVISIONAL = ("，暂定", ", provisional")


def sentence(entry: TimelineEntry, language: Language, city: City, due_date: str = "") -> str:
    """What the citizen reads for this line. `due_date`: the line's deadline as a local date."""
    return language.choose(*SENTENCES[_which(entry, due_date)]).format(
        department=department_name(entry.department, language, city),
        working_days=entry.working_days,
        score=entry.score,
        due_date=due_date,
        cause=_cause(entry, language),
    )


def _which(entry: TimelineEntry, due_date: str) -> str:
    if entry.event == "suspended" and due_date:
        return "suspended_until"
    return UNMERGED if (entry.event, entry.cause) == ("in_review", UNMERGED) else entry.event


def _cause(entry: TimelineEntry, language: Language) -> str:
    """Why the deadline moved, and whether it may move again when a year's holidays are announced."""
    known = _SOLVED if entry.event == CALLED_BACK else _CAUSES
    cause = language.choose(*known.get(entry.cause or "", _OTHER_CAUSE))
    return cause + (language.choose(*_PROVISIONAL) if entry.provisional else "")


def department_name(code: str | None, language: Language, city: City) -> str:
    """The department's name; its code where the city has no such department any more."""
    if code is None:
        return language.choose("承办单位", "the department")
    department = city.department.get(code)
    return code if department is None else department.name(language)
