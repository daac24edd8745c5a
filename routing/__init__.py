"""The dispatcher's slice: what a case is, who must answer it, and what people decide where rules are unsure.

Audience: dispatchers (派单员), at `/review` and `/api/v1/review`.
Hears: `case.registered`, `case.supplemented`, `case.withdrawn`, `citizen.rated`, `duplicate.suspected` from intake;
and the lifecycle from handlers, for returns, extensions and replies that wait for a decision.
Finds topics that grow, for supervisors (`routing.steps.topics`); who wrote, intake says.
Says: `topic.warned`, `case.routed`, `supplement.judged`, `withdrawal.judged`, `review.requested`, `review.decided`,
`case.declined`, `case.merged`, `case.answered`, `answer.recalled`,
`decision.undone`, `recall.requested`, `case.shielded`.
Owns: `routing.case` (what a routed case carries), `routing.review_item` (the queue), `routing.reading` (direct answers
that are read again), `routing.ruling` (where dispatchers ruled that such matters go), `routing.topic` and
`routing.topic_case` (which cases are of one matter).
"""
