"""The words of the supervisors' API and pages: what happened, what is counted, what a code is called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from schemas.city import City
from schemas.labels import label
from schemas.words import Channel, Clock, Language, Role
from sla.core.after_breach import Recipient
from sla.core.call_backs import CallBackReason
from sla.core.clocks import term_of
from sla.core.kinds import Owner
from sla.core.readings import Grouping
from sla.core.rules import DeadlineRules

Texts = Mapping[str, tuple[str, str]]

#: What happened to a clock, as people read it.
HAPPENED: Texts = {
    "paused": ("挂起，暂停计时", "suspended: the clock stands still"),
    "resumed": ("恢复办理，继续计时", "resumed: the clock runs again"),
    "extended": ("同意延期", "extended"),
    "reassigned": ("改派", "assigned to another department"),
    "reopened": ("重办，重新计时", "reopened: the clock starts anew"),
    "return refused": ("退单未准，重新签收", "return refused: to be signed anew"),
    "calendar": ("节假日安排公布，重新计算", "calendar announced: computed anew"),
    "breach withdrawn": ("超期撤销：此前已按时办理", "overdue taken back: it had been dealt with in time"),
    "promise asked": ("申请承诺办理", "asked to promise a date"),
    "promised": ("承诺办理，改为承诺日期", "a date was promised"),
    "promise refused": ("承诺办理未准", "no date was promised"),
    "sent back": ("答复退回，留出最低时限", "reply sent back: the least is left"),
    "taken back": ("收回重新派单", "taken back, to be dispatched anew"),
    "undone": (
        "派单员撤销了决定，时限如未作决定",
        "a decision was taken back: the deadline is as if there had been none",
    ),
    "move undone": (
        "派单员撤销了改派，由原单位继续办理",
        "a move was taken back: with the former department again",
    ),
    "begun anew": ("重新计时", "the clock starts anew"),
    "urgency": ("情况紧急，缩短时限", "pressing: less time"),
    "rules": ("改用新规则", "moved to the present rules"),
    "followed up": ("督办员已跟进", "followed up by a supervisor"),
    "contact shown": ("为回访查看联系方式", "contact details shown for a call-back"),
    "not reached": ("回访未接通", "called back in vain"),
    "urged": ("催办", "urged"),
    "supervised": ("督办", "under supervision"),
    "reported back": ("督办回报", "reported on an order"),
}
#: Where somebody of the staff saw something of a case: by the first part of the address.
_PLACES: Texts = {
    "desk": ("办件台", "desk"),
    "review": ("派单台", "dispatch"),
    "watch": ("监督台", "watch"),
    "sla": ("监督台", "watch"),
    "callbacks": ("回访", "call-backs"),
    "exclusions": ("不纳入考核", "left out of figures"),
    "hotline": ("热线", "hotline"),
    "find": ("按查询号查找", "found by its tracking code"),
}
#: Ends the path of a file of many cases.
_TAKEN_AWAY: Final = ("/export", ".csv")
#: What is said to whoever did something, by what the address says of it.
DONE: Texts = {
    "accepted": ("已接受回报。", "The report is accepted."),
    "rules": ("已改用新规则，新的时限在下面。", "Moved to the present rules; the new deadlines stand below."),
    "urged": ("已催办，承办单位将收到通知。", "Urged; the department is being told."),
    "supervised": ("已督办，承办单位将收到通知。", "Under supervision; the department is being told."),
    "urged-centre": (
        "已催办。此件还没有承办单位：派单员会在派单台上看到。",
        "Urged. No department has the case yet: dispatchers see it in their queue.",
    ),
    "supervised-centre": (
        "已列入督办。此件还没有承办单位：派单员会在派单台上看到；派单后再督办一次，承办单位才须回报。",
        "Under supervision. No department has the case yet: dispatchers see it in their queue. Supervise it once more when "
        "it is dispatched, for the department to report back.",
    ),
}
#: Whom a clock waits for.
OWNERS: Texts = {
    Owner.LEAD: ("承办单位", "the department"),
    Owner.SUPPORTING: ("协办单位", "a supporting department"),
    Owner.DISPATCHER: ("派单员", "a dispatcher"),
    Owner.SUPERVISOR: ("督办员", "a supervisor"),
    Owner.CITIZEN: ("市民", "the citizen"),
}
#: What a clock does.
STATES: Texts = {
    "running": ("计时中", "running"),
    "paused": ("暂停", "paused"),
    "answered": ("答复待审核", "reply under review"),
    "stopped": ("已停止", "stopped"),
}


#: Who hears of an escalation.
RECIPIENTS: Texts = {
    Recipient.DEPARTMENT_HEAD: ("单位负责人", "head of the department"),
    Recipient.SUPERVISOR: ("督办员", "supervisor"),
    Recipient.CITY_SUPERVISOR: ("市级督办", "city supervisor"),
}


#: CallBackReason a case is called back, what the citizen said, and why nobody was reached.
CALL_BACK_WHY: Texts = {
    CallBackReason.RATED: ("差评", "bad rating"),
    CallBackReason.REOPENED: ("重办件", "was done anew"),
    CallBackReason.SAMPLE: ("抽样", "sample"),
}
SOLVED: Texts = {
    "yes": ("已解决", "settled"),
    "partly": ("部分解决", "partly settled"),
    "no": ("未解决", "not settled"),
    "cannot": ("无法解决", "cannot be settled"),
}
WHY_NOT: Texts = {
    "no_answer": ("无人接听", "no answer"),
    "refused": ("不愿接受回访", "did not want to talk"),
    "wrong_number": ("号码不对", "wrong number"),
    "silent": ("网页询问未答复", "did not answer on the page"),
}

#: Where a request to leave a case out of figures stands, and what was done to it.
EXCLUSION_STATES: Texts = {
    "open": ("待决定", "to be decided"),
    "granted": ("已同意，不纳入考核", "granted: left out"),
    "refused": ("未同意，可申诉一次", "refused: may be appealed once"),
    "appealed": ("申诉待决定", "appeal to be decided"),
    "upheld": ("申诉未获支持", "refused, the appeal too"),
    "withdrawn": ("单位已撤回", "taken back by the department"),
    "revoked": ("已撤销，重新纳入考核", "revoked: counted again"),
}
EXCLUSION_STEPS: Texts = {
    "asked": ("申请", "asked"),
    "granted": ("同意", "granted"),
    "refused": ("未同意", "refused"),
    "appealed": ("申诉", "appealed"),
    "upheld": ("维持原决定", "upheld"),
    "withdrawn": ("撤回", "taken back"),
    "revoked": ("撤销", "revoked"),
}


#: Where a department stands beside all together.
BANDS: Texts = {
    "above": ("高于全市", "above the city"),
    "within": ("与全市无明显差别", "no clear difference"),
    "below": ("低于全市", "below the city"),
    "few": ("件数太少，不分档", "too few to say"),
}


def words_in(texts: Texts, language: Language) -> Mapping[str, str]:
    """A table's words in the language that is read."""
    return {word: language.choose(*both) for word, both in texts.items()}


def allowance_in(text: str, language: Language) -> str:
    """What a clock allows, as people read it: `5 working days`, `5 个工作日`; or that somebody named the moment.

    Raises:
        ValueError: no clock is kept so.
    """
    allowance = term_of(text).allow
    if isinstance(allowance, datetime):
        return language.choose("到指定的时间", "until a given moment")
    return language.choose(allowance.in_both().zh, text)


#: In Chinese and English.
TOPICS_DEFINITION = (
    "不同的人在规定天数内反映同一地点的同一件事，达到规定人数即为苗头。按人计数，一人多次来件计一人；"
    "未留任何身份信息的来件合计为一人。不含保密、举报和涉及举报对象的件。",
    "Different people who write of one matter at one place within the city's number of days, from its number of people on."
    " People count, not messages; messages that tell nothing of who wrote are one person together. Confidential cases,"
    " reports and what accuses somebody are left out.",
)
HEAT_DEFINITION = (
    "热度：每人以最近一次来件计，当天为 1，三天半后减半，相加得出。"
    "突增：人数明显多于前四个同长时段的平均（偶然出现的可能小于千分之一）。",
    "Heat: each person by their latest message counts 1 on its day and half after three and a half days, added up."
    " Burst: more people than chance explains (less than one in a thousand), given the four spans of that length before.",
)


FREQUENT_DEFINITION = (
    "派单目录中近七天收到三件及以上的事项，按件数排列；只计已派单、能认出事项的件，保密和受保护的件不计。",
    "Items of the dispatch catalogue with three or more cases received within seven days; only cases that a department"
    " got and that name an item; neither confidential nor protected ones.",
)
#: Of tags (标签).
FREQUENT_TAGS_DEFINITION = (
    "近七天收到三件及以上的标签，按件数排列；一件有几个标签就各计一次，只计已派单的件，保密和受保护的件不计。",
    "Tags that three or more cases received within seven days have; a case counts for each of its tags. Only cases that a"
    " department got; neither confidential nor protected ones.",
)


def name_of(by: Grouping, code: str | None, city: City, language: Language) -> str:
    """What people read for a code; the code itself where the city does not know it."""
    if code is None:
        return language.choose("未定", "not known yet")
    if by == "channel":
        return label(Channel(code), language) if code in set(Channel) else code
    known = {"department": city.department, "category": city.category, "region": city.region}[by]
    return known[code].name(language) if code in known else code


def clock_name(clock: Clock, rules: DeadlineRules, language: Language) -> str:
    """What people call a clock; its name in the rules where they describe it no more."""
    kind = rules.clocks.kinds.get(clock)
    if kind is None or kind.label is None:
        return label(clock, language) if clock in set(Clock) else clock.value
    return language.choose(kind.label.zh, kind.label.en)


def role_name(role: str, language: Language) -> str:
    """What people call the role of somebody who works for no department; who looks by command has none of ours."""
    return label(Role(role), language) if role in set(Role) else language.choose("运维人员", "operator")


def seen_from(route: str, language: Language) -> str:
    """Where that was, in plain words, of a route as views keep it (`GET /desk/{case_id}`)."""
    method, _, path = route.partition(" ")
    parts = path.split("/")
    is_api = parts[1:3] == ["api", "v1"]
    place = _PLACES.get(parts[3] if is_api and len(parts) > 3 else "".join(parts[1:2]))
    if place is None:
        return route
    if path.endswith(_TAKEN_AWAY):
        how = ("导出文件", "a file taken away")
    elif path == "/find":
        return language.choose(*place)
    elif path.endswith("/hotline/callers"):
        how = ("按来电号码查找", "found by a caller's number")
    elif method != "GET":
        how = ("提交之后", "after something was sent")
    elif "{case_id}" in path:
        how = ("此件的页面", "the case itself")
    else:
        how = ("列表", "a list")
    words = [language.choose(*place), language.choose(*how)]
    return " · ".join([*words, language.choose("经接口", "by API")] if is_api else words)
