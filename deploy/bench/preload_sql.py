"""The SQL that fills a city with cases of years gone by, for `preload`."""

from schemas.masking import MASKER

#: Different messages that the cases are made of (project choice: words repeat as they do in a city).
DIFFERENT = 5000

TEXTS = """
CREATE TABLE public.bench_text (
    n int PRIMARY KEY, title text, words text, category text, lead text, search tsvector)
"""

# One row for each case, in the order of their ids: so every primary key is built from left to right.
SEED = f"""
CREATE UNLOGGED TABLE public.bench_seed AS
SELECT md5(i::text || '-bench')::uuid AS case_id,
    upper(substr(md5(i::text), 1, 4) || '-' || substr(md5(i::text), 5, 4) || '-' || substr(md5(i::text), 9, 4) || '-'
        || substr(md5(i::text), 13, 4)) AS code,
    now() - (cases - i) * (interval '300 days' / cases) - interval '1 day' AS at,
    CASE WHEN i % 100 = 0 THEN 'in_review' WHEN i % 100 <= 2 THEN 'assigned' WHEN i % 100 <= 4 THEN 'in_progress'
        ELSE 'closed' END AS state,
    i % 3 = 0 AS public, i % 10 < 3 AS has_contact, n, title, words, category, lead, search
FROM (SELECT $1::int AS cases) AS wanted, generate_series(1, cases) AS i JOIN public.bench_text ON n = i % {DIFFERENT}
ORDER BY 1
"""  # noqa: S608  our own number

#: A table and what fills it.
LOADS = {
    'intake."case"': """
INSERT INTO intake.case (case_id, tracking_code, channel, source, content_hash, language, title, text,
    confidential, publish, received_at, registered_at, whole_text, first_clause, second_clause)
SELECT case_id, code, 'web', 'web', sha256(code::bytea), 'zh-Hans', title, words, false, true, at, at,
    hashtextextended(code, 1), hashtextextended(code, 2), hashtextextended(code, 3) FROM public.bench_seed
""",
    "intake.sealed": """
INSERT INTO intake.sealed (case_id, sealed, phone_index)
SELECT case_id, sha512(code::bytea) || sha512(code::bytea), sha256(code::bytea) FROM public.bench_seed WHERE has_contact
""",
    "intake.view": """
INSERT INTO intake.view (case_id, state, version, category, department, due_at, deadline_version, response, response_at,
    timeline)
SELECT case_id, state, CASE state WHEN 'in_review' THEN 2 WHEN 'assigned' THEN 3 WHEN 'in_progress' THEN 4 ELSE 6 END,
    category, lead, at + interval '7 days', 1, CASE WHEN state = 'closed' THEN $response END,
    CASE WHEN state = 'closed' THEN at + interval '2 days' END,
    jsonb_build_array(jsonb_build_object('at', at, 'event', 'assigned', 'department', lead),
        jsonb_build_object('at', at, 'event', 'in_progress', 'department', lead),
        jsonb_build_object('at', at, 'event', 'answered', 'department', lead)) FROM public.bench_seed
""",
    "intake.published": f"""
INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department, replied_at,
    search, masked)
SELECT case_id, code, title, words, $response, category, lead, at + interval '2 days', search, {MASKER}
FROM public.bench_seed WHERE state = 'closed' AND public
""",  # noqa: S608  our own number
    'routing."case"': """
INSERT INTO routing.case (case_id, tracking_code, channel, received_at, kind, urgency, category, lead, title, text,
    has_contact, confidential, publish, version, state, probability, decided_by)
SELECT case_id, code, 'web', at, 'complaint', 'normal', category, lead, title, words, has_contact, false, true, 2,
    CASE state WHEN 'in_review' THEN 'open' ELSE 'routed' END, 0.9, CASE state WHEN 'in_review' THEN NULL ELSE 'rules' END
FROM public.bench_seed
""",
    "routing.review_item": """
INSERT INTO routing.review_item (case_id, kind, version, state, opened_at, decided_at, decided_by, detail)
SELECT case_id, 'dispatch', 2, 'open', at, NULL, NULL, '{}'::jsonb FROM public.bench_seed WHERE state = 'in_review'
UNION ALL
SELECT case_id, 'reply', 5, 'decided', at + interval '2 days', at + interval '2 days', 'dispatcher',
    jsonb_build_object('department', lead, 'note', '', 'response', $response)
FROM public.bench_seed WHERE state = 'closed'
""",
    'handlers."case"': """
INSERT INTO handlers.case (case_id, tracking_code, channel, received_at, assigned_at, kind, urgency, category, lead,
    supporting, title, text, has_contact, publish, state, version, due_at, deadline_version, response, closed_at, log_seq,
    log_hash)
SELECT case_id, code, 'web', at, at, 'complaint', 'normal', category, lead, '{}', title, words, has_contact, true, state,
    CASE state WHEN 'assigned' THEN 3 WHEN 'in_progress' THEN 4 ELSE 6 END, at + interval '7 days', 1,
    CASE WHEN state = 'closed' THEN $response END, CASE WHEN state = 'closed' THEN at + interval '2 days' END,
    CASE state WHEN 'assigned' THEN 1 WHEN 'in_progress' THEN 2 ELSE 4 END, sha256(code::bytea)
FROM public.bench_seed WHERE state <> 'in_review'
""",
    "handlers.log": """
INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
SELECT case_id, seq, at, lead, 'lead', action, 'assigned', state, seq + 2, jsonb_build_object('lead', lead),
    sha256(code::bytea)
FROM public.bench_seed, (VALUES (1, 'route'), (2, 'sign'), (3, 'reply'), (4, 'approve')) AS step (seq, action)
WHERE state <> 'in_review' AND seq <= CASE state WHEN 'assigned' THEN 1 WHEN 'in_progress' THEN 2 ELSE 4 END
""",
    'sla."case"': """
INSERT INTO sla.case (case_id, tracking_code, channel, kind, urgency, category, lead, received_at, assigned_at, replied_at,
    closed_at, outcome, reply_workdays, version)
SELECT case_id, code, 'web', 'complaint', 'normal', category, CASE WHEN state <> 'in_review' THEN lead END, at,
    CASE WHEN state <> 'in_review' THEN at END, CASE WHEN state = 'closed' THEN at + interval '2 days' END,
    CASE WHEN state = 'closed' THEN at + interval '2 days' END, CASE WHEN state = 'closed' THEN 'answered' END,
    CASE WHEN state = 'closed' THEN 2 END, 3 FROM public.bench_seed
""",
    "sla.clock": """
INSERT INTO sla.clock (case_id, clock, state, department, started_at, due_at, near_at, next_alert_at, next_level, rule,
    allow, near, stopped_at)
SELECT case_id, clock, CASE WHEN runs THEN 'running' ELSE 'stopped' END, lead, at, now() + interval '30 days',
    now() + interval '29 days', CASE WHEN runs THEN now() + interval '29 days' END, CASE WHEN runs THEN 'near' END,
    'general@2026-1', '5 working days', '1 working days', CASE WHEN NOT runs THEN at + interval '2 days' END
FROM public.bench_seed, (VALUES ('dispatch'), ('reply'), ('sign')) AS c (clock),
LATERAL (SELECT CASE clock WHEN 'dispatch' THEN state = 'in_review' WHEN 'sign' THEN state = 'assigned'
    ELSE state IN ('assigned', 'in_progress') END AS runs) AS r
WHERE state <> 'in_review' OR clock = 'dispatch'
""",
}
