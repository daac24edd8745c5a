"""Each figure, of lives that go as they like, against SQL over what was said about them and nothing else."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from schemas.event import Event
from schemas.events.call_backs import CallBackAnswered
from schemas.events.handlers import (
    CaseReopened,
)
from schemas.events.intake import CitizenRated
from schemas.words import CaseState
from sla.core.figure_kinds import figure_kinds
from sla.core.measures import Measure, Sums
from sla.core.readings import Grouping
from sla.steps import watch
from sla.steps.call_backs import end_silent
from sla.steps.tally import tally
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.integration.sla.lives import Life
from tests.unit.handlers.making import HOUSING, fresh_case


async def live(sla: Sla, chance: random.Random, cases: int) -> list[Event]:
    """What was heard, in the order of time; clocks are looked at, and cases counted, whenever it happens to be."""
    lives = [Life(fresh_case(), chance) for _ in range(cases)]
    heard: list[Event] = []
    waiting = {life.case_id: life for life in lives}
    steps = dict.fromkeys(waiting, 0)
    while waiting:
        life = min(waiting.values(), key=lambda each: each.at)
        at = life.at
        event = life.step() if steps[life.case_id] < 14 else None
        steps[life.case_id] += 1
        if event is None:
            del waiting[life.case_id]
            continue
        await sla.sweep_at(at)
        heard.append(event)
        if isinstance(event, CallBackAnswered):
            await _ask_back(sla, event)
            if chance.random() < 0.3:
                await _keep_silent(sla, at)
                continue
        await sla.hear(event)
        if chance.random() < 0.2:
            await tally(sla.unit, calendar=sla.calendar, limit=chance.randint(1, 20))
    return heard


async def _ask_back(sla: Sla, event: CallBackAnswered) -> None:
    """The citizen is asked on their page, as a draw of the day before would have it."""
    await sla.unit.db.execute(
        """
        INSERT INTO sla.call_back (case_id, number, day, why, state, drawn_at, closed_at, department, leads, until)
        SELECT k.case_id, 1 + (SELECT count(*) FROM sla.call_back AS b WHERE b.case_id = k.case_id), $2::date, 'sample',
               'open', $2, k.closed_at, k.lead, k.leads, $2
        FROM sla."case" AS k WHERE k.case_id = $1
        """,
        event.case_id,
        event.at,
    )


async def _keep_silent(sla: Sla, at: datetime) -> None:
    sla.unit.now = at + timedelta(minutes=1)
    await end_silent(sla.unit, rules=sla.rules, calendar=sla.calendar, reached=sla.unit.now)


async def _told(sla: Sla, heard: list[Event]) -> None:
    """All that was said, and when anybody works, where SQL finds it."""
    db = sla.unit.db
    await db.execute(
        "CREATE TEMP TABLE said (n int, what text, case_id uuid, at timestamptz, body jsonb) ON COMMIT DROP"
    )
    rows = [
        (n, each.name, each.case_id, each.at, msgspec.json.encode(each).decode())
        for n, each in enumerate([*heard, *sla.unit.emitted])
    ]
    await db.executemany("INSERT INTO said VALUES ($1, $2, $3::uuid, $4, $5::text::jsonb)", rows)
    await db.execute("CREATE TEMP TABLE worked (since timestamptz, until timestamptz) ON COMMIT DROP")
    half = timedelta(minutes=30)
    moments = [china("2026-11-23 00:00") + half * n for n in range(48 * 200)]
    work = [
        (moment, moment + half)
        for moment in moments
        if sla.calendar.worked_by(moment + half) - sla.calendar.worked_by(moment) == half
    ]
    await db.executemany("INSERT INTO worked VALUES ($1, $2)", work)


#: What each figure must be, from the events alone: one line a case and holder (null: the case itself).
_EXPECTED = """
WITH got AS (
    SELECT s.n, s.case_id, s.at, s.body->>'lead' AS lead, s.body->>'region' AS region,
        t.what IS NOT DISTINCT FROM 'case.recalled' AS undone
    FROM said AS s LEFT JOIN LATERAL (SELECT what FROM said AS t WHERE t.case_id = s.case_id AND t.n > s.n
        AND t.what IN ('case.recalled', 'case.signed', 'case.returned', 'case.assigned') ORDER BY n LIMIT 1) AS t ON true
    WHERE s.what = 'case.assigned'
), led AS (
    SELECT * FROM got WHERE NOT undone
), c AS (
    SELECT s.case_id, s.at AS received, (s.at AT TIME ZONE 'Asia/Shanghai')::date AS received_on,
        (SELECT CASE WHEN NOT undone THEN g.lead END FROM got AS g WHERE g.case_id = s.case_id ORDER BY n DESC LIMIT 1)
            AS lead,
        EXISTS (SELECT FROM got AS g WHERE g.case_id = s.case_id) AS assigned,
        (SELECT g.region FROM got AS g WHERE g.case_id = s.case_id ORDER BY n DESC LIMIT 1) AS region,
        (SELECT g.lead FROM led AS g WHERE g.case_id = s.case_id ORDER BY n LIMIT 1) AS first_lead,
        (SELECT count(DISTINCT g.lead) FROM led AS g WHERE g.case_id = s.case_id) AS hops,
        (SELECT what FROM said AS l WHERE l.case_id = s.case_id AND what IN ('case.closed', 'case.declined', 'case.merged',
            'case.reopened') ORDER BY n DESC LIMIT 1) AS ended,
        (SELECT at FROM said AS l WHERE l.case_id = s.case_id AND what = 'case.closed' ORDER BY n DESC LIMIT 1) AS closed,
        (SELECT what FROM said AS l WHERE l.case_id = s.case_id AND what IN ('case.replied', 'reply.sent-back',
            'case.reopened') ORDER BY n DESC LIMIT 1) = 'case.replied' AS replied,
        (SELECT what FROM said AS l WHERE l.case_id = s.case_id AND what IN ('case.assigned', 'case.returned',
            'return.refused') ORDER BY n DESC LIMIT 1) = 'case.returned' AS is_returned,
        (SELECT (body->>'due_at')::timestamptz FROM said AS l WHERE l.case_id = s.case_id AND what = 'deadline.set'
            ORDER BY n DESC LIMIT 1) AS due
    FROM said AS s WHERE what = 'case.registered'
), missed AS (
    SELECT m.case_id, m.body->>'clock' AS clock, m.body->>'department' AS department, (m.body->>'due_at')::timestamptz AS due
    FROM said AS m WHERE what = 'deadline.missed' AND NOT EXISTS (
        SELECT 1 FROM said AS w WHERE w.what = 'breach.withdrawn' AND w.case_id = m.case_id
          AND w.body->>'clock' = m.body->>'clock' AND w.body->>'deadline_version' = m.body->>'deadline_version')
), holder AS (
    SELECT case_id, NULL::text AS who FROM c UNION SELECT case_id, lead FROM c WHERE lead IS NOT NULL
    UNION SELECT case_id, '' FROM c UNION SELECT case_id, COALESCE(department, '') FROM missed
    UNION SELECT case_id, lead FROM got
), due AS (
    SELECT c.case_id, h.who, late.due IS NULL AS on_time, COALESCE(late.due, c.due) AS at, c.replied, c.lead
    FROM c JOIN holder AS h USING (case_id) LEFT JOIN LATERAL (
        SELECT min(m.due) AS due FROM missed AS m WHERE m.case_id = c.case_id AND m.clock = 'reply'
          AND (h.who IS NULL OR COALESCE(m.department, '') = h.who)) AS late ON true
    WHERE late.due IS NOT NULL OR (c.ended = 'case.closed' OR c.replied AND c.ended IS DISTINCT FROM 'case.declined'
            AND c.ended IS DISTINCT FROM 'case.merged')
        AND (h.who IS NULL OR h.who = CASE WHEN c.is_returned THEN '' ELSE c.lead END)
), happened AS (
    SELECT s.*, CASE s.what WHEN 'case.returned' THEN 'returned' WHEN 'extension.decided' THEN 'extended'
        WHEN 'case.suspended' THEN 'suspended' WHEN 'case.reopened' THEN 'reopened'
        WHEN 'question.asked' THEN 'asked' WHEN 'citizen.rated' THEN 'rated' END AS measure,
        (SELECT g.lead FROM got AS g WHERE g.case_id = s.case_id AND g.n < s.n ORDER BY g.n DESC LIMIT 1) AS lead
    FROM said AS s WHERE what IN ('case.returned', 'case.suspended', 'case.reopened', 'question.asked', 'citizen.rated')
        OR what = 'extension.decided' AND (body->>'granted')::bool
), turn AS (
    SELECT case_id, n, at, lead(at) OVER (PARTITION BY case_id ORDER BY n) AS until,
        CASE WHEN what IN ('case.registered', 'case.returned', 'case.replied', 'case.recalled') THEN 'centre_hours'
             WHEN what = 'question.asked' THEN 'citizen_hours' WHEN what = 'case.closed' THEN NULL
             ELSE 'department_hours' END AS whose
    FROM said WHERE what IN ('case.registered', 'case.assigned', 'case.returned', 'return.refused', 'question.asked',
        'question.answered', 'case.replied', 'reply.sent-back', 'case.closed', 'case.reopened', 'case.recalled')
        AND n NOT IN (SELECT g.n FROM got AS g WHERE g.undone)
), hours AS (
    SELECT c.case_id, w.whose, floor(COALESCE(extract(epoch FROM sum(
        LEAST(t.until, x.until) - GREATEST(t.at, x.since)) FILTER (WHERE x.since IS NOT NULL)), 0) / 3600)::int AS hours
    FROM c CROSS JOIN (VALUES ('centre_hours'), ('department_hours'), ('citizen_hours')) AS w (whose)
    LEFT JOIN turn AS t ON t.case_id = c.case_id AND t.whose = w.whose
    LEFT JOIN worked AS x ON x.since < t.until AND x.until > t.at
    WHERE c.ended = 'case.closed' GROUP BY c.case_id, w.whose
), line (case_id, day, who, measure, value) AS (
    SELECT c.case_id, c.received_on, h.who, m.measure, m.value FROM c JOIN holder AS h USING (case_id)
    CROSS JOIN LATERAL (VALUES ('received', 0, true), ('assigned', 0, c.assigned),
        ('closed', 0, c.ended = 'case.closed'),
        ('ended_otherwise', 0, c.ended IN ('case.declined', 'case.merged')), ('repeated', 0, c.ended = 'case.merged'),
        ('declined', 0, c.ended = 'case.declined'),
        ('replied', 0, c.replied), ('hops', c.hops::int, c.hops > 0)) AS m (measure, value, holds)
    WHERE m.holds AND (h.who IS NULL OR h.who = COALESCE(c.lead, ''))
    UNION ALL
    SELECT DISTINCT p.case_id, c.received_on, h.who, p.measure, 0 FROM happened AS p JOIN c USING (case_id)
    JOIN holder AS h ON h.case_id = p.case_id AND (h.who IS NULL OR h.who = p.lead) WHERE p.measure <> 'rated'
    UNION ALL
    SELECT p.case_id, (p.at AT TIME ZONE 'Asia/Shanghai')::date, h.who, 'rated', (p.body->>'score')::int FROM happened AS p
    JOIN holder AS h ON h.case_id = p.case_id AND (h.who IS NULL OR h.who = p.lead) WHERE p.measure = 'rated'
    UNION ALL
    SELECT p.case_id, (p.at AT TIME ZONE 'Asia/Shanghai')::date, w.who, m.measure, m.value
    FROM said AS p CROSS JOIN LATERAL (VALUES (NULL), (p.body->>'department')) AS w (who)
    CROSS JOIN LATERAL (VALUES
        ('asked_back', (p.body->>'reached')::bool::int, true),
        ('contacted', (p.body->>'contacted')::bool::int, p.body->>'contacted' IS NOT NULL),
        ('content', (p.body->>'satisfied')::bool::int, p.body->>'satisfied' IS NOT NULL),
        ('solved', CASE p.body->>'solved' WHEN 'yes' THEN 2 WHEN 'partly' THEN 1 ELSE 0 END,
            p.body->>'solved' IN ('yes', 'partly', 'no'))) AS m (measure, value, holds)
    WHERE p.what = 'call-back.done' AND m.holds
    UNION ALL
    SELECT DISTINCT p.case_id, c.received_on, w.who, 'called', 0 FROM said AS p JOIN c USING (case_id)
    CROSS JOIN LATERAL (VALUES (NULL), (p.body->>'department')) AS w (who)
    WHERE p.what = 'call-back.done' AND (p.body->>'reached')::bool
    UNION ALL
    SELECT d.case_id, (d.at AT TIME ZONE 'Asia/Shanghai')::date, d.who, m.measure, 0 FROM due AS d
    CROSS JOIN LATERAL (VALUES ('due', true), ('due_on_time', d.on_time),
        ('due_answered', d.replied AND (d.who IS NULL OR d.who = d.lead))) AS m (measure, holds) WHERE m.holds
    UNION ALL
    SELECT c.case_id, c.received_on, h.who, m.measure, 0 FROM c JOIN holder AS h USING (case_id)
    CROSS JOIN LATERAL (VALUES ('first_known', c.ended = 'case.closed' OR c.hops > 1),
        ('first_right', c.ended = 'case.closed' AND c.hops = 1)) AS m (measure, holds)
    WHERE m.holds AND c.hops > 0 AND (h.who IS NULL OR h.who = c.first_lead)
    UNION ALL
    SELECT DISTINCT c.case_id, c.received_on, h.who, 'missed', 0 FROM missed AS m JOIN c USING (case_id)
    JOIN holder AS h ON h.case_id = m.case_id AND (h.who IS NULL OR h.who = COALESCE(m.department, ''))
    WHERE m.clock = 'reply'
    UNION ALL
    SELECT c.case_id, (c.closed AT TIME ZONE 'Asia/Shanghai')::date, h.who, x.whose, x.hours
    FROM hours AS x JOIN c USING (case_id)
    JOIN holder AS h ON h.case_id = x.case_id AND (h.who IS NULL OR h.who = c.lead)
)
SELECT CASE $1 WHEN 'department' THEN who WHEN 'region' THEN COALESCE(region, '') ELSE '' END AS key, measure, value,
       count(*)::int AS n
FROM line JOIN c USING (case_id)
WHERE day >= $2 AND day <= $3 AND (who IS NULL) = ($1 <> 'department')
GROUP BY 1, 2, 3
"""
#: Signing is not compared: events do not say by when it was due after a return that was refused.
_CHECKED = frozenset(Measure) - {
    Measure.OPEN,
    Measure.OVERDUE_OPEN,
    Measure.AWAITING_REVIEW,
    Measure.REPLY_TENTHS,
    Measure.MISSED_BY_CENTRE,
    Measure.MISSED_BY_SUPPORTING,
    Measure.SIGN_DUE,
    Measure.SIGNED_ON_TIME,
}


async def _expected(sla: Sla, by: str, first: date, last: date) -> dict[str, Sums]:
    rows = await sla.unit.db.fetch(_EXPECTED, by, first, last)
    found: dict[str, list[tuple[Measure, int, int]]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append((Measure(row["measure"]), row["value"], row["n"]))
    return {key: Sums(entries) for key, entries in found.items()}


def _numbers(sums: Sums) -> Mapping[str, Any]:
    """Every count, rate and time whose measures are compared."""
    kinds = figure_kinds()
    counts: dict[str, Any] = {kind.code: sums.n(kind.code) for kind in kinds.count if kind.code in _CHECKED}
    rates = {
        kind.code: kind.of_sums(sums) for kind in kinds.rate if {kind.numerator, kind.denominator} <= _CHECKED
    }
    times = {kind.code: kind.of_sums(sums) for kind in kinds.time if kind.measure in _CHECKED}
    return {**counts, **rates, **times}


@pytest.mark.parametrize("seed", range(3))
async def test_each_figure_is_what_the_events_say(sla: Sla, seed: int) -> None:
    """Whenever cases were counted, taken out and counted again: any span, the city, each department and district."""
    chance = random.Random(seed)
    heard = await live(sla, chance, 20)
    await sla.sweep_at(china("2027-04-20 10:00"))
    while await tally(sla.unit, calendar=sla.calendar, limit=7):
        pass
    await _told(sla, heard)
    spans = [
        (date(2026, 11, 23), date(2027, 4, 19)),
        (date(2026, 11, 30), date(2026, 12, 20)),
        (date(2026, 12, 4),) * 2,
    ]

    for first, last in spans:
        groupings: tuple[Grouping, ...] = ("department", "region")
        for by in groupings:
            found = await watch.count_cases(sla.unit, by=by, first=first, last=last, calendar=sla.calendar)
            expected = await _expected(sla, by, first, last)
            got = {key or "": sums for key, sums in found.groups}
            for key in {*expected, *got}:
                assert _numbers(expected.get(key, Sums())) == _numbers(got.get(key, Sums())), (by, key, first)
        every = (await _expected(sla, "all", first, last)).get("", Sums())
        assert _numbers(every) == _numbers(found.total), (first, last)


async def test_what_changes_after_it_was_counted_is_counted_anew(sla: Sla) -> None:
    """A closed case is in the sums; reopened it is neither closed nor replied to; closed again it is one."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    await sla.hear(replied(case, china("2026-11-24 10:00")), closed(case, china("2026-11-24 11:00")))

    async def counted() -> tuple[int, ...]:
        sla.unit.now = china("2027-01-10 10:00")
        await tally(sla.unit, calendar=sla.calendar, limit=10)
        found = await watch.count_cases(
            sla.unit, by="channel", first=date(2026, 11, 1), last=date(2027, 1, 9), calendar=sla.calendar
        )
        measures = (
            Measure.RECEIVED,
            Measure.CLOSED,
            Measure.REPLIED,
            Measure.REOPENED,
            Measure.RATED,
            Measure.DUE_ON_TIME,
        )
        return tuple(found.total.n(each) for each in measures)

    assert (1, 1, 1, 0, 0, 1) == await counted()
    await sla.hear(CitizenRated(case_id=case, version=6, at=china("2026-11-24 12:00"), score=4))
    assert (1, 1, 1, 0, 1, 1) == await counted()
    reopened = CaseReopened(
        case_id=case,
        version=7,
        at=china("2026-11-25 10:00"),
        reason="r",
        lead=HOUSING,
        state=CaseState.REOPENED,
    )
    await sla.hear(reopened)
    assert (1, 0, 0, 1, 1, 0) == await counted()
    await sla.hear(replied(case, china("2026-11-26 10:00"), 8), closed(case, china("2026-11-26 11:00"), 9))
    assert (1, 1, 1, 1, 1, 1) == await counted()
    assert 0 == await sla.unit.db.fetchval("SELECT count(*) FROM sla.tally WHERE n < 0")


async def test_silence_is_late(sla: Sla) -> None:
    """Six of eight that were due are six of eight, not six of the six that were closed."""
    cases = [fresh_case() for _ in range(8)]
    for each in cases:
        await sla.hear(registered(each), assigned(each), signed(each))
    for each in cases[:6]:
        await sla.hear(replied(each, china("2026-11-24 10:00")), closed(each, china("2026-11-24 11:00")))
    await sla.sweep_at(china("2026-12-10 10:00"))
    found = await watch.count_cases(sla.unit, by="department", first=None, last=None, calendar=sla.calendar)
    (rate,) = (kind.of_sums(found.total) for kind in figure_kinds().rate if kind.code == "on_time_rate")

    assert (6, 8, 0.75) == (rate.numerator, rate.n, rate.value)


async def test_a_figure_before_the_sweeper_looked_is_late_all_the_same(sla: Sla) -> None:
    """No breach was told yet: what is due and not answered is late as soon as its day is over."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    sla.unit.now = china("2026-12-10 10:00")
    found = await watch.count_cases(sla.unit, by="department", first=None, last=None, calendar=sla.calendar)

    assert (1, 0, 1) == tuple(
        found.total.n(each) for each in (Measure.DUE, Measure.DUE_ON_TIME, Measure.OVERDUE_OPEN)
    )
