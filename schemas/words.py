"""The field's closed vocabularies (中文 ↔ code). Labels for people stand in `labels.py`."""

import re
from enum import StrEnum

#: The part after the dot says whose, where several departments have one each: `part.water`.
_CLOCK_NAME = re.compile(r"[a-z][a-z_]{0,39}(\.[a-z0-9][a-z0-9-]{0,39})?")


class Channel(StrEnum):
    """How a message reached the city."""

    #: 网页
    WEB = "web"
    #: 热线
    HOTLINE = "hotline"
    #: 小程序
    MINIAPP = "miniapp"
    #: 来信
    LETTER = "letter"
    #: 来访窗口
    COUNTER = "counter"
    #: 自助终端
    KIOSK = "kiosk"
    #: 电子邮件
    EMAIL = "email"
    #: 社交媒体
    SOCIAL = "social"
    #: 手语
    SIGN_LANGUAGE = "sign_language"
    #: 其他单位转来: 110, 信访
    TRANSFER = "transfer"


class ContactPreference(StrEnum):
    """How a citizen wants to be reached."""

    #: 电话或文字都可以
    ANY = "any"
    #: 只用文字: cannot take calls, or does not want any
    TEXT = "text"
    #: 不要联系
    NONE = "none"


class Kind(StrEnum):
    """What the citizen wants (诉求类型)."""

    #: 咨询
    CONSULTATION = "consultation"
    #: 求助
    HELP = "help"
    #: 投诉
    COMPLAINT = "complaint"
    #: 举报: never shown to the department it accuses
    REPORT = "report"
    #: 建议
    SUGGESTION = "suggestion"
    #: 表扬
    PRAISE = "praise"
    #: 其他
    OTHER = "other"


class Urgency(StrEnum):
    """How soon somebody must move."""

    #: 一般
    NORMAL = "normal"
    #: 水电气热 and the like
    URGENT = "urgent"
    #: 危及人身安全
    EMERGENCY = "emergency"


def more_pressing(one: Urgency, other: Urgency) -> Urgency:
    """Whichever of the two lets people wait less."""
    return max(one, other, key=list(Urgency).index)


class CaseState(StrEnum):
    """Where a case stands (design §4). The transitions are in `handlers/core/lifecycle.py`."""

    #: 已接收，登记中: on Kafka, not yet in the register
    RECEIVED = "received"
    #: 待派单
    REGISTERED = "registered"
    #: 人工研判
    IN_REVIEW = "in_review"
    #: 待签收
    ASSIGNED = "assigned"
    #: 办理中
    IN_PROGRESS = "in_progress"
    #: 挂起
    SUSPENDED = "suspended"
    #: 待审核
    REPLIED = "replied"
    #: 办结
    CLOSED = "closed"
    #: 重办
    REOPENED = "reopened"
    #: 并单
    MERGED = "merged"
    #: 不予受理
    DECLINED = "declined"
    #: 撤回
    WITHDRAWN = "withdrawn"


#: Ended, by an answer or without.
ENDED_STATES = frozenset({CaseState.CLOSED, CaseState.MERGED, CaseState.DECLINED, CaseState.WITHDRAWN})


class CitizenAction(StrEnum):
    """What a citizen may do with their case; the last part of the API's address."""

    #: 评价 (好差评)
    RATING = "rating"
    #: 异议
    OBJECTION = "objection"
    #: 补充
    SUPPLEMENT = "supplement"
    #: 撤回申请
    WITHDRAWAL = "withdrawal"
    #: 回答承办单位的询问
    ANSWER = "answer"


class Saying(StrEnum):
    """What a citizen's words that came after the message belong to."""

    #: 补充, and answers to what the department asked
    ADDITION = "addition"
    #: 异议
    OBJECTION = "objection"
    #: 评价
    RATING = "rating"
    #: 撤回申请
    WITHDRAWAL = "withdrawal"


class ReviewKind(StrEnum):
    """What a dispatcher is asked to decide."""

    #: 派单
    DISPATCH = "dispatch"
    #: 退单
    RETURN = "return"
    #: 延期
    EXTENSION = "extension"
    #: 答复审核
    REPLY = "reply"
    #: 挂起
    SUSPENSION = "suspension"
    #: 承诺办理
    PROMISE = "promise"
    #: 对不予受理的异议
    OBJECTION = "objection"


class Clock(StrEnum):
    """The independent clocks of a case."""

    #: 派单时限, from registration
    DISPATCH = "dispatch"
    #: 签收时限, from assignment
    SIGN = "sign"
    #: 首次联系时限, from assignment
    FIRST_CONTACT = "first_contact"
    #: 答复时限, from assignment
    REPLY = "reply"
    #: 答复审核时限: the centre's, while a reply waits for approval
    REVIEW_REPLY = "review_reply"
    #: 退单审核时限: the centre's
    REVIEW_RETURN = "review_return"
    #: 延期审核时限: the centre's
    REVIEW_EXTENSION = "review_extension"
    #: 挂起审核时限: the centre's
    REVIEW_SUSPENSION = "review_suspension"
    #: 承诺办理审核时限: the centre's
    REVIEW_PROMISE = "review_promise"
    #: 不予受理异议审核时限: the centre's
    REVIEW_OBJECTION = "review_objection"
    #: 协办时限: of each supporting department
    PART = "part"
    #: 承诺期限: the date that the citizen was promised
    PROMISE = "promise"
    #: 进展告知时限: the next word to the citizen, while a date is promised
    PROGRESS = "progress"
    #: 补充材料期限: the citizen's, to answer a question
    QUESTION = "question"
    #: 挂起期限: ends by itself
    PAUSE = "pause"
    #: 督办时限: the supervisor's
    SUPERVISION = "supervision"
    #: 督办回报时限: the lead department's time to report back on a supervisor's order
    REPORT_BACK = "report_back"
    #: 差评跟进时限: the supervisor's, after a bad rating
    FOLLOW_UP = "follow_up"
    #: 回访时限: a dispatcher's, to call the citizen back
    CALL_BACK = "call_back"
    #: 并单待复时限: the centre's, until a case that it merged has its answer
    MERGED = "merged"

    @property
    def kind(self) -> str:
        """Its name without whose it is: `part` of `part.water`."""
        # Of the text itself: to ask a member for its value runs Python, and this is asked for every clock that starts.
        return self.partition(".")[0]

    @classmethod
    def _missing_(cls, value: object) -> "Clock | None":
        # A city's rules may describe clocks of its own: their names travel in events and are read by everybody.
        if not isinstance(value, str) or not _CLOCK_NAME.fullmatch(value):
            return None
        clock = str.__new__(cls, value)
        clock._name_, clock._value_ = value, value
        return clock


class AlertLevel(StrEnum):
    """How late a clock is."""

    #: 即将到期
    NEAR = "near"
    #: 超期
    MISSED = "missed"
    #: 提级
    ESCALATED = "escalated"
    #: 再次提醒: still not done after the breach
    REMINDED = "reminded"


class Role(StrEnum):
    """What somebody may do here: decides which routes they may call."""

    #: 市民: anyone, not signed in
    CITIZEN = "citizen"
    #: 承办单位
    DEPARTMENT = "department"
    #: 派单员
    DISPATCHER = "dispatcher"
    #: 督办员
    SUPERVISOR = "supervisor"
    #: 管理员
    ADMINISTRATOR = "administrator"
    #: 热线系统
    HOTLINE = "hotline"


class EntryState(StrEnum):
    """Where a knowledge entry (知识点) stands; what of it everybody may read is another fact."""

    #: Being written by its department.
    DRAFT = "draft"
    #: Waits for a dispatcher.
    PROPOSED = "proposed"
    #: Reviewed: everybody may read it.
    LIVE = "live"
    #: Its last day has passed.
    EXPIRED = "expired"
    #: Taken back by its department or a dispatcher.
    WITHDRAWN = "withdrawn"


class TagGroup(StrEnum):
    """What a tag (标签) tells of a matter beside its category."""

    #: 时间: when it happens
    TIME = "time"
    #: 人群: whom it concerns
    PEOPLE = "people"
    #: 性质: what kind of trouble it is
    NATURE = "nature"


class FileAudience(StrEnum):
    """Who may see a department's file (附件的可见范围)."""

    #: 仅承办单位: the departments of the case, and the centre
    DEPARTMENTS = "departments"
    #: 随答复给市民: its citizen too, once the answer is approved
    CITIZEN = "citizen"
    #: 随答复公开: everybody, where the answer is published; pictures alone
    PUBLIC = "public"


class CaseField(StrEnum):
    """What of a case was shown to staff: a word of a view's row (查看记录)."""

    #: 标题
    TITLE = "title"
    #: 诉求内容: what the citizen wrote
    TEXT = "text"
    #: 地点
    PLACE = "place"
    #: 附件
    ATTACHMENTS = "attachments"
    #: 市民的补充
    SUPPLEMENTS = "supplements"
    #: 答复
    RESPONSE = "response"
    #: 内部办理情况
    NOTE = "note"
    #: 经过: what happened, with reasons and remarks
    TIMELINE = "timeline"
    #: 审核事项: what a dispatcher decides on, such as a return's reason
    DETAIL = "detail"
    #: 联系方式
    CONTACT = "contact"
    #: 时限: the clocks, and the notes of those who moved them
    CLOCKS = "clocks"
    #: 提醒: one alert
    ALERT = "alert"
    #: 死信: the record itself, as it came
    DEAD_LETTER = "dead-letter"


class Language(StrEnum):
    """The languages of pages, refusals and labels."""

    #: 简体中文
    ZH = "zh-Hans"
    #: English
    EN = "en"

    def choose(self, zh: str, en: str) -> str:
        """Of a text in both languages the one that is read."""
        return zh if self is Language.ZH else en
