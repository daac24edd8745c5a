"""Two cities alike but for their past: the SQL that lays out, for `bench pages`, what `preload` leaves out.

At either size the same 400 cases are open, of the last ten days; all others have ended within the 300 days before. What
grows with cases grows with them: alerts, orders, promises, call-backs, views, notices, topics. What a city has so much of
whatever its size is the same: entries, searches in vain, and what waits. What is sealed here opens for nobody: promises,
whose page reads it, are of those who left nothing personal.
"""

import re
from collections.abc import Mapping

from deploy.bench.preload_sql import LOADS, SEED

#: How many are open, the newest (project choice: what some people can have in hand).
OPEN = 400
_AT = "now() - (cases - i) * (interval '300 days' / cases) - interval '1 day' AS at"
_STATE = """CASE WHEN i % 100 = 0 THEN 'in_review' WHEN i % 100 <= 2 THEN 'assigned' WHEN i % 100 <= 4 THEN 'in_progress'
        ELSE 'closed' END AS state"""
_ALIKE = {
    _AT: f"""CASE WHEN i > cases - {OPEN} THEN now() - (cases - i + 1) * (interval '10 days' / {OPEN})
        ELSE now() - interval '10 days' - (cases - {OPEN} - i) * (interval '290 days' / (cases - {OPEN})) END AS at""",
    _STATE: f"""CASE WHEN i <= cases - {OPEN} THEN 'closed' WHEN i % 5 = 0 THEN 'in_review' WHEN i % 5 <= 2 THEN 'assigned'
        ELSE 'in_progress' END AS state""",
}
#: Deadlines that have been and that are to come: some of the open clocks are late, others nearly due.
_DUE = {
    "now() + interval '30 days'": "at + interval '6 days'",
    "now() + interval '29 days'": "at + interval '5 days'",
}


def alike_seed() -> str:
    """The seed of one of the cities."""
    return _with(SEED, _ALIKE)


def alike_loads() -> Mapping[str, str]:
    """What fills its tables, in order."""
    more = {
        name: re.sub(r"\$some\((\d+)\)", _SOME, load).replace("$entry", _ENTRY)
        for name, load in _MORE.items()
    }
    return {**LOADS, "sla.clock": _with(LOADS["sla.clock"], _DUE), **more}


def _with(text: str, changes: Mapping[str, str]) -> str:
    for before, after in changes.items():
        if before not in text:
            raise ValueError(f"no longer there: {before}")
        text = text.replace(before, after)
    return text


#: `$some(N)`: one in N of the cases, always the same. Shares, the 40 that wait (`waits <= 40`, `'failed'`) and the 600
#: entries (`n < 600`) are project choices: what some people can have in hand, and write in some years.
_SOME = r"('x' || substr(code, 1, 4))::bit(16)::int % \1 = 0"
_ENTRY = """jsonb_build_object('questions', jsonb_build_array('居住证怎么办理 ' || n), 'answer', '带身份证到社区。',
    'categories', '[]'::jsonb, 'valid_from', current_date - 100, 'valid_until', current_date + 200,
    'checked_on', current_date - 50)"""
_MORE = {
    "sla.alert": """
INSERT INTO sla.alert (case_id, clock, level, deadline_version, department, owner, due_at, raised_at)
SELECT case_id, 'reply', 'missed', 1, lead, 'lead', at + interval '6 days', at + interval '6 days'
FROM public.bench_seed WHERE $some(10) ORDER BY at
""",
    "sla.history": """
INSERT INTO sla.history (case_id, clock, at, what, detail)
SELECT case_id, 'reply', at, 'started', '{}' FROM public.bench_seed
""",
    "sla.deed": """
INSERT INTO sla.deed (case_id, at, what, department) SELECT case_id, at, 'assigned', lead FROM public.bench_seed ORDER BY at
""",
    "sla.supervision": """
INSERT INTO sla.supervision (case_id, number, at, by, text, until, state)
SELECT case_id, 1, at, 'sun', '请办理', at + interval '3 days', CASE state WHEN 'closed' THEN 'accepted' ELSE 'open' END
FROM public.bench_seed WHERE $some(20) OR state <> 'closed'
""",
    "sla.call_back": """
INSERT INTO sla.call_back (case_id, number, day, why, state, drawn_at, closed_at, department, leads, settled_at, settled_by,
    contacted, solved, satisfied, note)
SELECT case_id, 1, at::date + 3, 'sample', CASE WHEN waits THEN 'open' ELSE 'done' END, at + interval '3 days',
    at + interval '2 days', lead, ARRAY[lead], CASE WHEN NOT waits THEN at + interval '4 days' END,
    CASE WHEN NOT waits THEN 'li' END, true, 'yes', true, ''
FROM (SELECT *, row_number() OVER (ORDER BY at DESC) <= 40 AS waits FROM public.bench_seed
      WHERE state = 'closed' AND $some(20)) AS drawn
""",
    "intake.promise": """
INSERT INTO intake.promise (case_id, number, department, until, granted_at, publishable, replied_at, ended_at, outcome)
SELECT case_id, 1, lead, at + interval '9 days', at, true, CASE state WHEN 'closed' THEN at + interval '2 days' END,
    CASE state WHEN 'closed' THEN at + interval '2 days' END, CASE state WHEN 'closed' THEN 'answered' END
FROM public.bench_seed WHERE NOT has_contact AND ($some(20) OR state = 'in_progress')
""",
    "routing.topic_case": """
INSERT INTO routing.topic_case (case_id, topic, at) SELECT case_id, n, at FROM public.bench_seed ORDER BY at
""",
    "routing.topic": """
INSERT INTO routing.topic (topic, last_at, crowded_at)
SELECT n, max(at), COALESCE((array_agg(at ORDER BY at DESC))[3], '-infinity') FROM public.bench_seed GROUP BY n
""",
    "routing.reading": """
INSERT INTO routing.reading (case_id, version, entry_id, answered_by, answered_at, read_by, read_at, is_right)
SELECT case_id, 2, case_id, 'li', at, CASE WHEN NOT waits THEN 'wu' END, CASE WHEN NOT waits THEN at END,
    CASE WHEN NOT waits THEN true END
FROM (SELECT *, row_number() OVER (ORDER BY at DESC) <= 40 AS waits FROM public.bench_seed
      WHERE $some(20)) AS answered
""",
    "routing.clearance": """
INSERT INTO routing.clearance (case_id, department, reason, decided_by, at)
SELECT case_id, lead, '只是提及', 'li', at FROM public.bench_seed WHERE $some(20) ORDER BY at
""",
    "routing.dropped": """
INSERT INTO routing.dropped (case_id, asked, asked_at, by, case_state, at)
SELECT case_id, 'approve', at, 'demo dispatcher', 'closed', at FROM public.bench_seed WHERE $some(20)
""",
    "routing.opinion": """
INSERT INTO routing.opinion (case_id, model, category, lead, sure) SELECT case_id, 'rules', category, lead, true
FROM public.bench_seed
""",
    "deploy.case_view": """
INSERT INTO deploy.case_view (case_id, at, who, role, unit, address, route, fields)
SELECT case_id, at, 'wang', 'department', lead, '10.0.0.1', 'GET /desk/{case_id}', '{title,text}' FROM public.bench_seed
ORDER BY at
""",
    "deploy.notice": """
INSERT INTO deploy.notice (id, occasion, case_id, audience, department, channel, facts, at, send_after, state, settled_at)
SELECT case_id, 'received', case_id, 'citizen', '', 'email', '{}', at, at,
    CASE WHEN row_number() OVER (ORDER BY at DESC) <= 40 THEN 'failed' ELSE 'sent' END, at
FROM public.bench_seed WHERE $some(5)
""",
    "deploy.inbox": """
INSERT INTO deploy.inbox (consumer, event_id, handled_at) SELECT 'sla', case_id, at FROM public.bench_seed ORDER BY at
""",
    "intake.unanswered": """
INSERT INTO intake.unanswered (words, times, first_on, last_on)
SELECT '没有答案 ' || n, 1 + n % 7, current_date - n % 90, current_date - n % 80 FROM public.bench_text
""",
    "intake.offer": """
INSERT INTO intake.offer (day, what, item, times)
SELECT at::date, 'shown', '', count(*) FROM public.bench_seed GROUP BY 1
UNION ALL SELECT at::date, 'shown', code, 1 FROM public.bench_seed WHERE public
""",
    "handlers.entry": """
INSERT INTO handlers.entry (entry_id, owner, state, version, content, made_from, published, holds_until, changed_at,
    written_by, remarks, pairs)
SELECT md5(n || '-entry')::uuid, lead, CASE WHEN n % 10 = 0 THEN 'proposed' ELSE 'live' END, 1, $entry, '{}', $entry,
    now() + interval '200 days', now() - n * interval '1 hour', 'wang', '', ARRAY['居住']
FROM public.bench_text WHERE n < 600
""",
    "intake.entry": """
INSERT INTO intake.entry (entry_id, version, is_live, owner, content, holds_from, holds_until, published_at, search)
SELECT md5(n || '-entry')::uuid, 1, true, lead, $entry, now() - interval '90 days', now() + interval '200 days',
    now() - n * interval '1 hour', search FROM public.bench_text WHERE n < 600
""",
}
