"""Who is told of deadlines that are near or were missed, one by one and once a day, and in which words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.days import day_of
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, Notice, Occasion
from schemas.words import AlertLevel
from sla.core.calendar import Calendar
from sla.core.kinds import Owner

#: What happened, by occasion, in Chinese and English; `{until}` is a day and a time of the city.
SENTENCES: Mapping[Occasion, tuple[str, str]] = {
    Occasion.NEAR: ("有一件即将到期：{until}。", "A deadline is near: {until}."),
    Occasion.MISSED: ("有一件已超期，截止时间为 {until}。", "A deadline was missed: {until}."),
    Occasion.URGED: ("督办员催办了一件。", "A supervisor urges a case."),
    Occasion.SUPERVISED: ("有一件被列为督办。", "A supervisor watches a case."),
    Occasion.ESCALATED: (
        "有一件超期后仍未办结，已提级，截止时间为 {until}。",
        "A case is overdue and escalated; it was due {until}.",
    ),
    Occasion.ORDER_REPORTED: (
        "承办单位已就一件督办提交回报，请审阅。",
        "A department reported on an order; please read it.",
    ),
    Occasion.EXCLUSION_ASKED: (
        "有单位申请不纳入考核或提出考核申诉，请决定。",
        "A department asks to leave a case out of its figures, or appeals; please decide.",
    ),
    Occasion.EXCLUSION_OVERDUE: (
        "有一项不纳入考核的申请或考核申诉未按时决定，期限为 {until}。",
        "A request to leave a case out of figures, or an appeal, was not decided by {until}.",
    ),
    Occasion.EXCLUSION_DECIDED: (
        "不纳入考核的申请或申诉已有决定。",
        "A request to leave a case out of figures was decided.",
    ),
    Occasion.DIGEST: (
        "今天到期 {due} 件，已超期 {overdue} 件。",
        "Due today: {due}; overdue: {overdue}.",
    ),
}
_OF_LEVELS = {
    AlertLevel.NEAR: Occasion.NEAR,
    AlertLevel.MISSED: Occasion.MISSED,
    AlertLevel.ESCALATED: Occasion.ESCALATED,
}
_OF_OWNERS = {
    Owner.LEAD: Audience.DEPARTMENT,
    Owner.SUPPORTING: Audience.DEPARTMENT,
    Owner.DISPATCHER: Audience.DISPATCHERS,
    Owner.SUPERVISOR: Audience.SUPERVISORS,
}


class RaisedAlert(NamedTuple):
    """What was raised, and of which clock."""

    case_id: CaseId
    level: AlertLevel
    clock: str
    owner: Owner
    department: DepartmentCode | None
    due_at: datetime
    deadline_version: int
    number: int = 1


def alert_notice(alert: RaisedAlert, at: datetime) -> Notice | None:
    """The notice of an alert: to the holder of the clock, of escalations to supervisors; none for a citizen's own time."""
    occasion, audience = _OF_LEVELS.get(alert.level), _OF_OWNERS.get(alert.owner)
    if occasion is None or audience is None:
        return None
    if occasion is Occasion.ESCALATED:
        audience = Audience.SUPERVISORS
    return Notice(
        occasion=occasion,
        audience=audience,
        at=at,
        mark=f"{alert.clock}.{alert.deadline_version}.{alert.number}",
        case_id=alert.case_id,
        department=alert.department if audience is Audience.DEPARTMENT else None,
        facts={"until": alert.due_at.isoformat(), "clock": alert.clock},
    )


def urge_notice(case_id: CaseId, department: DepartmentCode, at: datetime, *, supervised: bool) -> Notice:
    """The department is told that somebody waits; each time."""
    return Notice(
        occasion=Occasion.SUPERVISED if supervised else Occasion.URGED,
        audience=Audience.DEPARTMENT,
        at=at,
        mark=at.isoformat(),
        case_id=case_id,
        department=department,
    )


def report_notice(case_id: CaseId, order: int, at: datetime) -> Notice:
    """The supervisors are told that a report waits for their word; of each order once."""
    return Notice(
        occasion=Occasion.ORDER_REPORTED,
        audience=Audience.SUPERVISORS,
        at=at,
        mark=str(order),
        case_id=case_id,
        facts={"order": str(order)},
    )


def exclusion_notice(
    case_id: CaseId, department: DepartmentCode, at: datetime, *, number: int, step: int, is_decided: bool
) -> Notice:
    """The supervisors are told that a request waits, the department that it was decided; of each step once."""
    return Notice(
        occasion=Occasion.EXCLUSION_DECIDED if is_decided else Occasion.EXCLUSION_ASKED,
        audience=Audience.DEPARTMENT if is_decided else Audience.SUPERVISORS,
        at=at,
        mark=f"{number}.{step}",
        case_id=case_id,
        department=department if is_decided else None,
        facts={"exclusion": str(number), "step": str(step)},
    )


def overdue_exclusion_notice(
    case_id: CaseId, at: datetime, *, number: int, step: int, until: datetime
) -> Notice:
    """The supervisors are told that a request, or an appeal, is overdue; of each once."""
    return Notice(
        occasion=Occasion.EXCLUSION_OVERDUE,
        audience=Audience.SUPERVISORS,
        at=at,
        mark=f"{number}.{step}",
        case_id=case_id,
        facts={"exclusion": str(number), "step": str(step), "until": until.isoformat()},
    )


#: Project choice: an office has opened its mailbox by then, and the day is still before it.
_DIGEST_AT = time(8, 30)
_DIGEST_UNTIL = time(17)


class Burden(NamedTuple):
    """Whose time runs: a department's, or the centre's; how many cases are due today, and how many are late."""

    #: None: of all together, where a case that several are waited for with counts once.
    owner: Owner | None
    department: DepartmentCode | None
    due: int
    overdue: int


#: Supervisors hear of all together, their own included.
_HEARS_DIGEST: Mapping[Owner | None, Audience] = {
    Owner.LEAD: Audience.DEPARTMENT,
    Owner.SUPPORTING: Audience.DEPARTMENT,
    Owner.DISPATCHER: Audience.DISPATCHERS,
    None: Audience.SUPERVISORS,
}


def is_digest_time(now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is late enough in the city's day, and early enough for it to be of use."""
    return _DIGEST_AT <= now.astimezone(zone).time() < _DIGEST_UNTIL


def is_worked(now: datetime, calendar: Calendar, zone: ZoneInfo) -> bool:
    """Whether today is a working day of the city's calendar."""
    day = day_of(now, zone)
    return calendar.next_workday(day) == day


#: When dispatchers are told of what came since the last time (project choice: when they come, before and behind the midday
#: rest, and before they leave; what cannot wait for that is an emergency).
_ROUNDS = (time(9), time(11), time(14), time(16, 30))
#: Project choice: longer than any holiday.
_LONGEST_REST = timedelta(days=14)


class Round(NamedTuple):
    """A time at which dispatchers are told of what came; `since`: the one before, for who was never told before."""

    at: datetime
    since: datetime


def latest_round(now: datetime, calendar: Calendar, zone: ZoneInfo) -> Round | None:
    """The latest of this day, which is a working one, as long as it is of use; None: there is none to tell."""
    if not is_worked(now, calendar, zone) or now.astimezone(zone).time() >= _DIGEST_UNTIL:
        return None
    today = day_of(now, zone)
    days = [today, *(day for day in _days_before(today) if calendar.next_workday(day) == day)][:2]
    past = [
        at for day in sorted(days) for each in _ROUNDS if (at := datetime.combine(day, each, zone)) <= now
    ]
    if len(past) < 2 or day_of(past[-1], zone) != today:
        return None
    return Round(past[-1].astimezone(UTC), past[-2].astimezone(UTC))


def _days_before(day: date) -> Iterator[date]:
    return (day - timedelta(days=back) for back in range(1, _LONGEST_REST.days + 1))


def digest_notices(burdens: Iterable[Burden], day: date, at: datetime) -> Iterator[Notice]:
    """To each that has anything: its own numbers; to the supervisors those of all. No case is named."""
    sums: dict[tuple[Audience, DepartmentCode | None], tuple[int, int]] = {}
    for burden in burdens:
        audience = _HEARS_DIGEST.get(burden.owner)
        if audience is None:
            continue
        own = (audience, burden.department if audience is Audience.DEPARTMENT else None)
        due, overdue = sums.get(own, (0, 0))
        sums[own] = due + burden.due, overdue + burden.overdue
    for (audience, department), (due, overdue) in sums.items():
        if due or overdue:
            yield Notice(
                occasion=Occasion.DIGEST,
                audience=audience,
                at=at,
                mark=day.isoformat(),
                department=department,
                facts={"due": str(due), "overdue": str(overdue), "day": day.isoformat()},
            )
