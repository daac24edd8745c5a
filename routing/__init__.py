"""The dispatcher's slice: what a case is, who must answer it, and what people decide where rules are unsure.

Audience: dispatchers (派单员), at `/review` and `/api/v1/review`.

- Hears: `case.registered` and what citizens add, withdraw, rate or object to (intake); from handlers what waits for a
  decision, such as returns, extensions and replies, and how the case stands; `case.urged` and call-backs (sla).
- Says: `case.routed`, `case.declined`, `case.answered`, `answer.recalled`; `review.requested`, `review.decided`,
  `decision.undone`, `recall.requested`, `undo.requested`; `merge.requested`, `case.merged`, `merged.answered`,
  `case.unmerged`; `tags.corrected`; `supplement.judged`, `withdrawal.judged`, `withdrawal.confirmed`, `case.shielded`;
  `topic.warned`.
- Owns the schema `routing`: `case` (what a routed case carries), `review_item` (the queue), `told` (what dispatchers told
  citizens, sealed), `reading` (direct answers that are read again), `dropped` (decisions that came too late),
  `clearance` and `clearance_end` (who is not accused), `ruling` and `ruling_end` (where such matters go),
  `precision_wish`, `model` and `opinion` (what was learned, and what it thought), `topic` and `topic_case` (topics that
  grow, found for supervisors).
"""
