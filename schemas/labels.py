"""What people read for each word, in both languages."""

from collections.abc import Mapping
from enum import StrEnum

from schemas.words import (
    AlertLevel,
    CaseField,
    CaseState,
    Channel,
    CitizenAction,
    Clock,
    Kind,
    Language,
    ReviewKind,
    Role,
    Urgency,
)

_LABELS: tuple[tuple[StrEnum, tuple[str, str]], ...] = (
    (Channel.WEB, ("网页", "web form")),
    (Channel.HOTLINE, ("热线", "hotline")),
    (Channel.MINIAPP, ("小程序", "mini-app")),
    (Kind.CONSULTATION, ("咨询", "enquiry")),
    (Kind.HELP, ("求助", "request for help")),
    (Kind.COMPLAINT, ("投诉", "complaint")),
    (Kind.REPORT, ("举报", "report")),
    (Kind.SUGGESTION, ("建议", "suggestion")),
    (Kind.PRAISE, ("表扬", "praise")),
    (Kind.OTHER, ("其他", "other")),
    (Urgency.NORMAL, ("一般", "normal")),
    (Urgency.URGENT, ("紧急", "urgent")),
    (Urgency.EMERGENCY, ("特急", "emergency")),
    (CaseState.RECEIVED, ("已接收，登记中", "received, being registered")),
    (CaseState.REGISTERED, ("待派单", "registered")),
    (CaseState.IN_REVIEW, ("人工研判", "in review")),
    (CaseState.ASSIGNED, ("待签收", "assigned")),
    (CaseState.IN_PROGRESS, ("办理中", "in progress")),
    (CaseState.SUSPENDED, ("挂起", "suspended")),
    (CaseState.REPLIED, ("待审核", "reply under review")),
    (CaseState.CLOSED, ("办结", "closed")),
    (CaseState.REOPENED, ("重办", "reopened")),
    (CaseState.MERGED, ("并单", "merged")),
    (CaseState.DECLINED, ("不予受理", "declined")),
    (CaseState.WITHDRAWN, ("撤回", "withdrawn")),
    (CitizenAction.RATING, ("评价", "rating")),
    (CitizenAction.OBJECTION, ("异议", "objection")),
    (CitizenAction.SUPPLEMENT, ("补充", "addition")),
    (CitizenAction.WITHDRAWAL, ("撤回", "withdrawal")),
    (ReviewKind.DISPATCH, ("派单", "dispatch")),
    (ReviewKind.RETURN, ("退单", "return")),
    (ReviewKind.EXTENSION, ("延期", "extension")),
    (ReviewKind.REPLY, ("答复审核", "reply")),
    (Clock.DISPATCH, ("派单时限", "dispatch clock")),
    (Clock.SIGN, ("签收时限", "signing clock")),
    (Clock.FIRST_CONTACT, ("首次联系时限", "first contact clock")),
    (Clock.REPLY, ("答复时限", "reply clock")),
    (AlertLevel.NEAR, ("临期", "due soon")),
    (AlertLevel.MISSED, ("超期", "overdue")),
    (AlertLevel.ESCALATED, ("升级", "escalated")),
    (Role.CITIZEN, ("市民", "citizen")),
    (Role.DEPARTMENT, ("承办单位", "department")),
    (Role.DISPATCHER, ("派单员", "dispatcher")),
    (Role.SUPERVISOR, ("督办员", "supervisor")),
    (Role.ADMINISTRATOR, ("管理员", "administrator")),
    (Role.HOTLINE, ("热线系统", "hotline system")),
    (CaseField.TITLE, ("标题", "title")),
    (CaseField.TEXT, ("诉求内容", "message")),
    (CaseField.PLACE, ("地点", "place")),
    (CaseField.SUPPLEMENTS, ("市民的补充", "what the citizen added")),
    (CaseField.RESPONSE, ("答复", "reply")),
    (CaseField.NOTE, ("内部办理情况", "handling note")),
    (CaseField.TIMELINE, ("经过", "history")),
    (CaseField.DETAIL, ("审核事项", "what is to be decided")),
    (CaseField.CONTACT, ("联系方式", "contact details")),
    (CaseField.CLOCKS, ("时限", "deadlines")),
    (CaseField.ALERT, ("提醒", "alert")),
    (CaseField.DEAD_LETTER, ("死信", "dead letter")),
)
#: By type and word: two vocabularies may spell a word alike (a review's `reply`, a clock's `reply`).
_BY_WORD: Mapping[tuple[type, str], tuple[str, str]] = {(type(word), word): texts for word, texts in _LABELS}


def label(word: StrEnum, language: Language) -> str:
    """What a person reads for `word`."""
    return language.choose(*_BY_WORD[type(word), word])
