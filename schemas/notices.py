"""Notices: what a step wants somebody to be told, and what one recipient is sent of it.

A step says what happened and whom it concerns (`Unit.notify`), in its transaction; who that is, by what address and in
which words is found when it is sent, and not before.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.words import Language


class Audience(StrEnum):
    """Whom a notice concerns: a citizen, an office or a system."""

    #: The citizen of the case.
    CITIZEN = "citizen"
    #: One department.
    DEPARTMENT = "department"
    #: All dispatchers.
    DISPATCHERS = "dispatchers"
    #: All supervisors.
    SUPERVISORS = "supervisors"
    #: The city's own system, which hears what all others of the staff hear.
    CITY = "city"


class NoticeChannel(StrEnum):
    """What a notice travels by."""

    #: 电子邮件
    EMAIL = "email"
    #: 短信
    SMS = "sms"
    #: 小程序推送
    PUSH = "push"
    #: 网络回调: another system's address
    WEBHOOK = "webhook"


class Occasion(StrEnum):
    """What happened, that a notice tells of."""

    #: The message is a case.
    RECEIVED = "received"
    #: A department has it, until when.
    ASSIGNED = "assigned"
    #: There is more time than was promised.
    EXTENDED = "extended"
    #: A date was promised.
    PROMISED = "promised"
    #: The department asks the citizen something.
    ASKED = "asked"
    #: How it goes on, while a date is promised.
    PROGRESS = "progress"
    #: There is an answer.
    ANSWERED = "answered"
    #: Nobody will handle it, and why.
    DECLINED = "declined"
    #: It was taken back with the citizen's codes, by whoever has them.
    WITHDRAWN = "withdrawn"
    #: The citizen's rating is asked for.
    RATING = "rating"
    #: Somebody of the centre will ring up.
    CALL_BACK = "call_back"
    #: It is asked on their page whether it is settled.
    ASKED_BACK = "asked_back"
    #: A department gets a case.
    NEW_CASE = "new_case"
    #: A reply, a return or a request came back.
    SENT_BACK = "sent_back"
    #: A closed case is open again.
    REOPENED = "reopened"
    #: The citizen answered, or added something.
    CITIZEN_WROTE = "citizen_wrote"
    #: A knowledge entry of the department's ends soon.
    ENTRY_ENDS = "entry_ends"
    #: One was held back: more of the case that it was made from is hidden since.
    ENTRY_HELD = "entry_held"
    #: A deadline is near.
    NEAR = "near"
    #: A deadline was missed.
    MISSED = "missed"
    #: Somebody urges.
    URGED = "urged"
    #: A supervisor watches the case now.
    SUPERVISED = "supervised"
    #: It is late for so long that the next one hears of it.
    ESCALATED = "escalated"
    #: What is due and overdue, once a day.
    DIGEST = "digest"
    #: New items wait for a dispatcher, some times a day.
    WAITING = "waiting"
    #: An emergency waits for a dispatcher, and no department knows.
    EMERGENCY = "emergency"
    #: What waits for a dispatcher sounds as if somebody were in danger.
    SUSPECTED = "suspected"
    #: What a citizen said since tells of danger, whoever has the case.
    DANGER_SAID = "danger_said"
    #: A department reported on an order.
    ORDER_REPORTED = "order_reported"
    #: A department asks that a case be left out of figures, or appeals.
    EXCLUSION_ASKED = "exclusion_asked"
    #: That was not decided in time.
    EXCLUSION_OVERDUE = "exclusion_overdue"
    #: That was decided.
    EXCLUSION_DECIDED = "exclusion_decided"
    #: A person asks whether another system takes what it is sent.
    TEST = "test"


class NoticeState(StrEnum):
    """What became of a notice, recipient by recipient."""

    #: To be sent, or sent again.
    WAITING = "waiting"
    #: The next server has it.
    SENT = "sent"
    #: The receiver refused it for good.
    FAILED = "failed"
    #: It came back (RFC 3464).
    BOUNCED = "bounced"
    #: It was tried for days.
    GIVEN_UP = "given_up"
    #: On purpose not sent: unwanted, moved, outdated.
    DROPPED = "dropped"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, and whom it concerns. Nothing in it is personal.

    `mark` tells it from an earlier one of the same occasion, such as the version or the day: the same notice said twice is
    one. `channel` is the citizen's; the staff's follow from their addresses.
    """

    occasion: Occasion
    audience: Audience
    at: datetime
    mark: str
    case_id: CaseId | None = None
    department: DepartmentCode | None = None
    channel: NoticeChannel | None = None
    facts: Mapping[str, str] = {}
    #: Not to be sent before.
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """The same for the same notice, so that a record handled again makes no second one."""
        said = (self.case_id or "", self.occasion, self.audience, self.department or "", self.mark)
        digest = hashlib.sha256("|".join(said).encode()).digest()
        return str(UUID(bytes=digest[:16], version=4))


def words_mark(danger: str, version: int, words: str) -> str:
    """The mark of danger that a citizen told of: the same words, said again of the same version, are no news."""
    said = "".join(filter(str.isalnum, words))
    return f"{danger}.{version}.{hashlib.sha256(said.encode()).hexdigest()}"


class KeptNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to one recipient, as it waits for being sent."""

    id: str
    occasion: Occasion
    audience: Audience
    channel: NoticeChannel
    at: datetime
    attempts: int
    case_id: CaseId | None = None
    department: DepartmentCode | None = None
    endpoint_id: str | None = None
    facts: Mapping[str, str] = {}
    #: Why it was not sent so far, in a word.
    reason: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipient is sent. It holds an address: it is never kept and never logged."""

    to: str
    language: Language
    #: What a locked screen may show.
    subject: str
    text: str
    #: The whole of a text message.
    short: str
    #: Where the recipient stops further ones; empty: elsewhere.
    stop_url: str = ""
    #: Of what another system is sent: the secrets that sign it, by how often each had been renewed; the newest first.
    secrets: tuple[int, ...] = (0,)


class NotSent(NamedTuple):
    """Why a notice is not sent, in a word: after all, or not before `until`."""

    reason: str
    until: datetime | None = None
    #: What becomes of it, where it is not put off.
    state: NoticeState = NoticeState.DROPPED


#: Nobody is rung up at night (project choice).
_QUIET_FROM, _QUIET_TO = time(21), time(8)


def quiet_until(now: datetime, zone: tzinfo) -> datetime | None:
    """When the city's night ends, if it is night there now."""
    local = now.astimezone(zone)
    if _QUIET_TO <= local.time() < _QUIET_FROM:
        return None
    day = local.date() + timedelta(days=local.time() >= _QUIET_FROM)
    return datetime.combine(day, _QUIET_TO, zone).astimezone(UTC)


def masked_address(address: str) -> str:
    """What may be shown of an address: enough to recognise one's own, too little to write to it.

    Of a webhook's its host: what stands behind it may be a secret.
    """
    if "://" in address:
        scheme, _, rest = address.partition("://")
        return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}/…"
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{address[:3]}****{address[-2:]}" if len(address) > 6 else "****"
