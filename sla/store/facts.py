"""What the figures count of a case: one place for cases already summed and for open ones."""

from collections.abc import Iterator

from sla.core.figure_kinds import figure_kinds
from sla.core.measures import DUE_MEASURES, left_out

#: What is due at a midnight is due on the day that ends with it, as `schemas.days.day_of` has it.
#: Reads `k`, rows of `sla."case"`; $1 is now, $2 the city's zone. Gives `fact (case_id, day, holder, measure, value)`: of
#: the case where `holder` is null, otherwise of that department (empty: of nobody). Everything of a case is found by its
#: key: OFFSET 0 keeps Postgres from reading all clocks and alerts there ever were instead.
FACTS = """
    r AS MATERIALIZED (
        SELECT k.case_id, c.* FROM k CROSS JOIN LATERAL (
            SELECT c.state, c.due_at, c.department FROM sla.clock AS c
            WHERE c.case_id = k.case_id AND c.clock = 'reply' OFFSET 0) AS c
    ), s AS MATERIALIZED (
        SELECT k.case_id, c.*, k.closed_at FROM k CROSS JOIN LATERAL (
            SELECT c.state, c.due_at, c.department, c.started_at, c.stopped_at FROM sla.clock AS c
            WHERE c.case_id = k.case_id AND c.clock = 'sign' OFFSET 0) AS c
    ), late AS MATERIALIZED (
        SELECT k.case_id, a.* FROM k CROSS JOIN LATERAL (
            SELECT m.clock, m.owner, m.department, m.due_at FROM sla.alert AS m
            WHERE m.case_id = k.case_id AND m.level = 'missed' AND NOT EXISTS (
                SELECT 1 FROM sla.withdrawal AS w WHERE w.case_id = m.case_id AND w.clock = m.clock
                  AND w.deadline_version = m.deadline_version)
            OFFSET 0) AS a
    ), d AS MATERIALIZED (
        SELECT k.case_id, e.* FROM k CROSS JOIN LATERAL (
            SELECT e.at, e.what, e.department, e.value FROM sla.deed AS e WHERE e.case_id = k.case_id
              AND NOT EXISTS (SELECT FROM sla.deed AS u WHERE u.case_id = e.case_id AND u.at = e.at
                                AND u.what = e.what || ' undone')
            OFFSET 0) AS e
    ), was_late AS (
        SELECT l.case_id, l.clock, h.holder, min(l.due_at) AS due_at
        FROM late AS l CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(l.department, ''))) AS h (holder)
        WHERE l.clock = 'reply' GROUP BY l.case_id, l.clock, h.holder
    ), to_sign AS (
        SELECT case_id, department, min(due_at) AS due_at, false AS on_time
        FROM (SELECT l.case_id, COALESCE(l.department, '') AS department, l.due_at, count(g.at) AS given
              FROM late AS l
              LEFT JOIN d AS g ON g.case_id = l.case_id AND g.what = 'assigned' AND g.at < l.due_at
              WHERE l.clock = 'sign' GROUP BY 1, 2, 3) AS missed
        GROUP BY case_id, department, given
        UNION ALL
        SELECT case_id, COALESCE(department, ''), (date '1970-01-01' + value + 1)::timestamp AT TIME ZONE $2, true
        FROM d WHERE what = 'signed'
        UNION ALL
        SELECT s.case_id, COALESCE(s.department, ''), s.due_at, s.state = 'stopped'
        FROM s
        WHERE (s.state = 'stopped' AND (s.closed_at IS NULL OR s.stopped_at < s.closed_at)
               OR s.state = 'running' AND s.due_at < $1)
          AND NOT EXISTS (SELECT 1 FROM late AS l
                          WHERE l.case_id = s.case_id AND l.clock = 'sign' AND l.due_at >= s.started_at)
          AND NOT EXISTS (SELECT 1 FROM d WHERE d.case_id = s.case_id AND d.at = s.stopped_at
                            AND d.what IN ('taken back', 'closed'))
    ), due AS (
        SELECT case_id, clock, holder, due_at, false AS on_time FROM was_late
        UNION ALL
        SELECT r.case_id, 'reply', h.holder, r.due_at, r.state = 'answered' OR k.outcome = 'answered'
        FROM r JOIN k USING (case_id)
        CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(r.department, ''))) AS h (holder)
        WHERE (r.state = 'answered' OR k.outcome = 'answered' OR r.state = 'running' AND r.due_at < $1)
          AND NOT EXISTS (SELECT 1 FROM was_late AS l WHERE l.case_id = r.case_id AND l.clock = 'reply'
                            AND l.holder IS NOT DISTINCT FROM h.holder)
        UNION ALL
        SELECT t.case_id, 'sign', h.holder, t.due_at, t.on_time
        FROM to_sign AS t CROSS JOIN LATERAL (VALUES (NULL), (t.department)) AS h (holder)
    ), moment (case_id, at, holder, measure, value) AS (
        SELECT k.case_id, k.received_at, h.holder, m.measure, m.value
        FROM k LEFT JOIN r USING (case_id)
        CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(k.lead, ''))) AS h (holder)
        CROSS JOIN LATERAL (VALUES
            ('received', 0, true), ('assigned', 0, k.assigned_at IS NOT NULL), ('closed', 0, k.outcome = 'answered'),
            ('ended_otherwise', 0, k.closed_at IS NOT NULL AND k.outcome <> 'answered'),
            ('repeated', 0, k.outcome = 'merged'), ('declined', 0, k.outcome = 'declined'),
            ('withdrawn', 0, k.outcome = 'withdrawn'), ('open', 0, r.state = 'running'),
            ('overdue_open', 0, r.state = 'running' AND r.due_at < $1), ('awaiting_review', 0, r.state = 'answered'),
            ('replied', 0, k.replied_at IS NOT NULL OR k.outcome = 'answered'),
            ('reply_tenths', round(k.reply_workdays * 10)::int, k.replied_at IS NOT NULL AND k.reply_workdays IS NOT NULL),
            ('hops', cardinality(k.leads), cardinality(k.leads) > 0)
        ) AS m (measure, value, holds) WHERE m.holds
        UNION ALL
        SELECT DISTINCT k.case_id, k.received_at, h.holder, m.measure, 0
        FROM late AS l JOIN k USING (case_id)
        CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(l.department, ''))) AS h (holder)
        CROSS JOIN LATERAL (VALUES
            ('missed', l.clock = 'reply'),
            ('missed_by_centre', l.owner = 'dispatcher' OR l.owner IN ('lead', 'supporting') AND l.department IS NULL),
            ('missed_by_supporting', l.owner = 'supporting')
        ) AS m (measure, holds) WHERE m.holds
        UNION ALL
        SELECT DISTINCT k.case_id, k.received_at, h.holder, d.what, 0
        FROM d JOIN k USING (case_id) CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(d.department, ''))) AS h (holder)
        WHERE d.what IN ('returned', 'extended', 'suspended', 'asked', 'reopened', 'called', 'later_by_rules',
                         'later_by_calendar')
        UNION ALL
        SELECT k.case_id, k.received_at, h.holder, m.measure, 0
        FROM k CROSS JOIN LATERAL (VALUES (NULL), (k.leads[1])) AS h (holder)
        CROSS JOIN LATERAL (VALUES
            ('first_known', k.outcome = 'answered' OR cardinality(k.leads) > 1),
            ('first_right', k.outcome = 'answered' AND cardinality(k.leads) = 1)
        ) AS m (measure, holds) WHERE m.holds AND cardinality(k.leads) > 0
        UNION ALL
        SELECT d.case_id, d.at, h.holder, d.what, d.value
        FROM d CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(d.department, ''))) AS h (holder)
        WHERE d.what IN ('rated', 'asked_back', 'contacted', 'solved', 'content')
        UNION ALL
        SELECT due.case_id, due.due_at - interval '1 microsecond', due.holder, m.measure, 0
        FROM due JOIN k USING (case_id) CROSS JOIN LATERAL (VALUES
            ('due', due.clock = 'reply'), ('due_on_time', due.clock = 'reply' AND due.on_time),
            ('due_answered', due.clock = 'reply' AND (k.replied_at IS NOT NULL OR k.outcome = 'answered')
                             AND (due.holder IS NULL OR due.holder = k.lead)),
            ('sign_due', due.clock = 'sign'), ('signed_on_time', due.clock = 'sign' AND due.on_time)
        ) AS m (measure, holds) WHERE m.holds
    ), fact AS (
        SELECT case_id, (at AT TIME ZONE $2)::date AS day, holder, measure, value FROM moment
    )
"""


def _made_of() -> Iterator[tuple[str, str, str]]:
    """Each rate, a measure that it is made of, and what that is called of a case that is left out."""
    for kind in figure_kinds().rate:
        for measure in dict.fromkeys((kind.numerator, kind.denominator)):
            yield kind.code, measure, left_out(kind.code, measure)


#: Of what counts once its day is over, with what is left out of it.
DUE = [*DUE_MEASURES, *(counted for _, measure, counted in _made_of() if measure in DUE_MEASURES)]
_VALUES = ", ".join(f"('{rate}', '{measure}', '{counted}')" for rate, measure, counted in _made_of())
#: Behind `k` and `FACTS`: the facts of cases that are left out of a rate (不纳入考核), a second time under that rate's own
#: name, as `left_out`. Of the few such cases alone, so that no other one costs anything. A department that did not ask keeps
#: its own number; an exclusion is about one end of the case, and a case that is reopened has another.
LEFT_OUT = f"""
    left_out AS (
        WITH e AS MATERIALIZED (
            SELECT e.case_id, v.measure, v.counted, array_agg(e.department) AS departments
            FROM k JOIN sla.exclusion AS e ON e.case_id = k.case_id AND e.closed_at = k.closed_at
            JOIN (VALUES {_VALUES}) AS v (rate, measure, counted) ON e.figures && ARRAY['case', v.rate]
            WHERE e.state = 'granted' GROUP BY e.case_id, v.measure, v.counted
        ), k AS MATERIALIZED (SELECT * FROM k WHERE case_id IN (SELECT case_id FROM e)), {FACTS}
        SELECT f.case_id, f.day, f.holder, e.counted AS measure, f.value
        FROM fact AS f JOIN e ON e.case_id = f.case_id AND e.measure = f.measure
        WHERE f.holder IS NULL OR f.holder = ANY(e.departments)
    )
"""  # noqa: S608  made of this package's constants
