"""The ceiling's hops: for each event that is heard, one statement that writes what ours write, from columns of values.

The rows are as many and as large as ours, in the same tables with the same indexes. What stands in them is made up
where ours decide it: where a case goes, when it is due, what its words resemble.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from deploy.bench.ceiling_answers import APPROVED, REVIEWED, SETTLED, SHOWN
from deploy.bench.ceiling_statement import Group, Hop, statement
from schemas.city import load_city
from schemas.event import Event, encode
from schemas.events.handlers import CaseAssigned
from schemas.events.intake import CaseRegistered, SubmissionAccepted
from schemas.events.routing import CaseRouted
from schemas.events.sla import DeadlineSet
from schemas.ids import CategoryCode, DepartmentCode
from schemas.topics import HANDLERS, INTAKE, ROUTING, SLA, SUBMISSIONS, department_topic
from schemas.values import Reason
from schemas.words import Kind, Urgency

#: As the longest that most rules allow (project choice).
_TERM = timedelta(days=7)
_CATEGORY = CategoryCode("urban-construction")
_LEADS = tuple(department.code for department in load_city().departments)
_REASONS = (Reason(words="二次供水", weight=2.5),) * 6
_ENTRY = '[{"at":"2026-11-22T08:00:00.000000Z","event":"assigned","department":"housing"}]'
_ROUTED = '{"lead":"district-donghu","supporting":[]}'


def _number(text: str) -> int:
    return int(text[:15], 16)


def _registered(events: Sequence[SubmissionAccepted]) -> list[list[Any]]:
    return [
        [e.case_id for e in events], [e.tracking_code for e in events],
        [bytes.fromhex(e.content_hash) for e in events], [e.title for e in events], [e.text for e in events],
        [e.place.address if e.place else None for e in events], [e.place.longitude if e.place else None for e in events],
        [e.place.latitude if e.place else None for e in events], [e.at for e in events],
        [_number(e.content_hash) for e in events], [_number(e.content_hash[16:]) for e in events],
        [_number(e.content_hash[32:]) for e in events],
        [encode(e.contact) + bytes(40) if e.contact else None for e in events],
    ]  # fmt: skip


def _say_registered(events: Sequence[SubmissionAccepted]) -> list[tuple[str, Event]]:
    return [
        (
            INTAKE,
            CaseRegistered(
                case_id=e.case_id, version=1, at=e.at, tracking_code=e.tracking_code, channel=e.channel,
                received_at=e.at, kind=e.kind, title=e.title, text=e.text, place=e.place,
                has_contact=e.contact is not None, confidential=e.confidential, publish=e.publish,
            ),
        )
        for e in events
    ]  # fmt: skip


_REGISTER = statement(
    {
        "case_id": "uuid", "tracking_code": "text", "content": "bytea", "title": "text", "words": "text",
        "address": "text", "longitude": "float8", "latitude": "float8", "at": "timestamptz", "whole": "bigint",
        "first": "bigint", "second": "bigint", "sealed": "bytea",
    },
    """INSERT INTO intake.case (case_id, tracking_code, channel, source, content_hash, language, title,
        text, place_address, longitude, latitude, confidential, publish, received_at, registered_at, whole_text,
        first_clause, second_clause)
    SELECT case_id, tracking_code, 'web', 'web', content, 'zh-Hans', title, words, address, longitude, latitude,
        false, true, at, at, whole, first, second FROM e ON CONFLICT DO NOTHING""",
    """INSERT INTO intake.sealed (case_id, sealed, phone_index) SELECT case_id, sealed, content FROM e
    WHERE sealed IS NOT NULL ON CONFLICT DO NOTHING""",
)  # fmt: skip


def _routed(events: Sequence[CaseRegistered]) -> list[list[Any]]:
    places = [encode(e.place).decode() if e.place else None for e in events]
    return [
        [e.case_id for e in events], [e.tracking_code for e in events], [_lead(e) for e in events],
        [e.title for e in events], [e.text for e in events], places, [e.has_contact for e in events],
        [e.received_at for e in events],
    ]  # fmt: skip


def _lead(e: CaseRegistered) -> DepartmentCode:
    return _LEADS[hash(e.case_id) % len(_LEADS)]


def _say_routed(events: Sequence[CaseRegistered]) -> list[tuple[str, Event]]:
    return [
        (
            ROUTING,
            CaseRouted(
                case_id=e.case_id, version=2, at=e.at, tracking_code=e.tracking_code, channel=e.channel,
                received_at=e.received_at, kind=Kind.COMPLAINT, urgency=Urgency.NORMAL, category=_CATEGORY,
                lead=_lead(e), title=e.title, text=e.text, place=e.place, has_contact=e.has_contact, probability=0.97,
                reasons=_REASONS,
            ),
        )
        for e in events
    ]  # fmt: skip


_ROUTE = statement(
    {
        "case_id": "uuid", "tracking_code": "text", "lead": "text", "title": "text", "words": "text", "place": "text",
        "has_contact": "bool", "at": "timestamptz",
    },
    """INSERT INTO routing.case (case_id, tracking_code, channel, received_at, kind, urgency, category, lead, title, text,
        place, has_contact, confidential, publish, version, state, probability, decided_by)
    SELECT case_id, tracking_code, 'web', at, 'complaint', 'normal', 'urban-construction', lead, title, words,
        place::jsonb, has_contact, false, true, 2, 'routed', 0.97, 'rules' FROM e ON CONFLICT DO NOTHING""",
)  # fmt: skip


def _assignment(e: CaseRouted, *, title: str, text: str) -> CaseAssigned:
    return CaseAssigned(
        case_id=e.case_id, version=3, at=e.at, tracking_code=e.tracking_code, channel=e.channel,
        received_at=e.received_at, kind=e.kind, urgency=e.urgency, category=e.category, lead=e.lead, title=title,
        text=text, place=e.place, has_contact=e.has_contact,
    )  # fmt: skip


def _say_assigned(events: Sequence[CaseRouted]) -> list[tuple[str, Event]]:
    """On handlers' topic without its words, on the department's with them."""
    return [
        said
        for e in events
        for said in (
            (HANDLERS, _assignment(e, title="", text="")),
            (department_topic(e.lead), _assignment(e, title=e.title, text=e.text)),
        )
    ]


def _opened(events: Sequence[CaseRouted]) -> list[list[Any]]:
    places = [encode(e.place).decode() if e.place else None for e in events]
    return [
        [e.case_id for e in events], [e.tracking_code for e in events], [e.lead for e in events],
        [e.title for e in events], [e.text for e in events], places, [e.has_contact for e in events],
        [e.received_at for e in events], [_ROUTED for _ in events],
        [bytes.fromhex(e.case_id.replace("-", "")) * 2 for e in events],
    ]  # fmt: skip


_OPEN = statement(
    {
        "case_id": "uuid", "tracking_code": "text", "lead": "text", "title": "text", "words": "text", "place": "text",
        "has_contact": "bool", "at": "timestamptz", "detail": "text", "hash": "bytea",
    },
    """INSERT INTO handlers.case (case_id, tracking_code, channel, received_at, assigned_at, kind, urgency, category,
        lead, supporting, title, text, place, has_contact, publish, state, version, log_seq, log_hash)
    SELECT case_id, tracking_code, 'web', at, now(), 'complaint', 'normal', 'urban-construction', lead, '{}', title,
        words, place::jsonb, has_contact, true, 'assigned', 3, 1, hash FROM e ON CONFLICT DO NOTHING""",
    """INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
    SELECT case_id, 1, now(), 'rules', 'system', 'route', 'registered', 'assigned', 3, detail::jsonb, hash FROM e
    ON CONFLICT DO NOTHING""",
)  # fmt: skip


def _deadlines(events: Sequence[DeadlineSet]) -> list[list[Any]]:
    return [[e.case_id for e in events], [e.due_at for e in events], [e.sign_due_at for e in events]]


_DEADLINE_COLUMNS = {"case_id": "uuid", "due_at": "timestamptz", "sign_due_at": "timestamptz"}
_DUE = statement(
    _DEADLINE_COLUMNS,
    """UPDATE handlers.case AS c SET due_at = e.due_at, sign_due_at = e.sign_due_at, deadline_version = 1
    FROM e WHERE c.case_id = e.case_id""",
)
_SHOW_DUE = statement(
    _DEADLINE_COLUMNS,
    """INSERT INTO intake.view AS v (case_id, due_at, deadline_version) SELECT case_id, due_at, 1 FROM e
    ON CONFLICT (case_id) DO UPDATE SET due_at = excluded.due_at, deadline_version = 1""",
)


def _shown(events: Sequence[CaseAssigned]) -> list[list[Any]]:
    return [[e.case_id for e in events], [e.lead for e in events], [_ENTRY for _ in events]]


_SHOW = statement(
    {"case_id": "uuid", "lead": "text", "entry": "text"},
    """INSERT INTO intake.view AS v (case_id, version, state, category, department, timeline)
    SELECT case_id, 3, 'assigned', 'urban-construction', lead, entry::jsonb FROM e
    ON CONFLICT (case_id) DO UPDATE SET version = 3, state = 'assigned', category = excluded.category,
        department = excluded.department, timeline = v.timeline || excluded.timeline""",
)


def _counted(events: Sequence[CaseRegistered]) -> list[list[Any]]:
    return [[e.case_id for e in events], [e.tracking_code for e in events], [e.received_at for e in events]]


_COUNT = statement(
    {"case_id": "uuid", "tracking_code": "text", "at": "timestamptz"},
    """INSERT INTO sla.case AS c (case_id, tracking_code, channel, received_at)
    SELECT case_id, tracking_code, 'web', at FROM e ON CONFLICT (case_id) DO NOTHING""",
    """INSERT INTO sla.clock (case_id, clock, state, started_at, due_at, next_alert_at, next_level, rule, allow)
    SELECT case_id, 'dispatch', 'running', at, at + interval '1 day', at + interval '1 day', 'missed', 'dispatch@2026-1',
        '60 minutes' FROM e ON CONFLICT DO NOTHING""",
)


def _started(events: Sequence[CaseAssigned]) -> list[list[Any]]:
    dues = [e.at + _TERM for e in events]
    return [
        [e.case_id for e in events], [e.tracking_code for e in events], [e.lead for e in events],
        [e.at for e in events], dues,
    ]  # fmt: skip


def _say_due(events: Sequence[CaseAssigned]) -> list[tuple[str, Event]]:
    return [
        (
            SLA,
            DeadlineSet(
                case_id=e.case_id, version=3, at=e.at, due_at=e.at + _TERM, sign_due_at=e.at + _TERM, department=e.lead,
                deadline_version=1, rule="general@2026-1",
            ),
        )
        for e in events
    ]  # fmt: skip


_START = statement(
    {
        "case_id": "uuid", "tracking_code": "text", "lead": "text", "at": "timestamptz", "due": "timestamptz",
    },
    """INSERT INTO sla.case AS c (case_id, tracking_code, channel, kind, urgency, category, lead, assigned_at, version)
    SELECT case_id, tracking_code, 'web', 'complaint', 'normal', 'urban-construction', lead, at, 3 FROM e
    ON CONFLICT (case_id) DO UPDATE SET kind = excluded.kind, urgency = excluded.urgency, category = excluded.category,
        lead = excluded.lead, assigned_at = excluded.assigned_at, version = excluded.version""",
    """UPDATE sla.clock AS c SET state = 'stopped', stopped_at = e.at, next_level = NULL, next_alert_at = NULL
    FROM e WHERE c.case_id = e.case_id AND c.clock = 'dispatch'""",
    """INSERT INTO sla.clock (case_id, clock, state, department, started_at, due_at, near_at, next_alert_at, next_level,
        rule, allow)
    SELECT case_id, clock, 'running', lead, at, due, due - interval '1 day', due - interval '1 day', 'near',
        'general@2026-1', '5 working days' FROM e, (VALUES ('sign'), ('reply')) AS c (clock) ON CONFLICT DO NOTHING""",
)  # fmt: skip

#: Our processes and their groups; what a group reads and does not hear is passed over there, too. What comes after the
#: assignment comes only where somebody signs and replies: in `bench lifecycle`.
GROUPS: Mapping[str, Sequence[Group]] = {
    "intake": (
        Group(
            name="intake", topics=(SUBMISSIONS,),
            hops=(Hop(event=SubmissionAccepted, statement=_REGISTER, columns=_registered, says=_say_registered),),
        ),
        Group(
            name="intake.follow", topics=(ROUTING, HANDLERS, SLA),
            hops=(
                Hop(event=CaseAssigned, statement=_SHOW, columns=_shown),
                Hop(event=DeadlineSet, statement=_SHOW_DUE, columns=_deadlines),
                *SHOWN,
            ),
        ),
    ),
    "routing": (
        Group(
            name="routing", topics=(INTAKE,),
            hops=(Hop(event=CaseRegistered, statement=_ROUTE, columns=_routed, says=_say_routed),),
        ),
        Group(name="routing.reviews", topics=(HANDLERS,), hops=REVIEWED),
    ),
    "handlers": (
        Group(
            name="handlers", topics=(ROUTING, INTAKE, SLA),
            hops=(
                Hop(event=CaseRouted, statement=_OPEN, columns=_opened, says=_say_assigned),
                Hop(event=DeadlineSet, statement=_DUE, columns=_deadlines),
                APPROVED,
            ),
        ),
    ),
    "sla": (
        Group(
            name="sla", topics=(INTAKE, ROUTING, HANDLERS),
            hops=(
                Hop(event=CaseRegistered, statement=_COUNT, columns=_counted),
                Hop(event=CaseAssigned, statement=_START, columns=_started, says=_say_due),
                *SETTLED,
            ),
        ),
    ),
}  # fmt: skip
