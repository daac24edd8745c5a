"""The citizen's slice: takes messages in, makes cases of them, and shows each citizen what became of theirs.

Audience: citizens, by web form, hotline, mini-app, e-mail and imports; everybody who reads published answers.

- Hears: `submission.accepted` (group `intake`); from routing, handlers and sla what changes a case's state, its
  department, its deadline or its answer, and knowledge entries (group `intake.follow`).
- Says: `submission.accepted` (raw, on a topic of its own), `case.registered`, `case.supplemented`, `case.withdrawn`,
  `citizen.rated`, `citizen.objected`, `refusal.objected`, `publication.decided`, `publication.limited`,
  `call-back.answered`,
  `duplicate.suspected`.
- Owns the schema `intake`. A case: `case` (the register, masked), `sealed` (what is personal, encrypted),
  `supplement`, `reachable` (who is told of news), `forgotten` (whose citizen was forgotten), `promise` and
  `promise_sum`, `silent_call`; `sent_row` (what rows of lists are known by). What citizens see: `view`, with the
  timeline. What everybody reads: `published`, `withheld` (until its citizen allows it), `publication_limit` (what staff
  keep from them), `me_too`, `entry` (knowledge
  entries), `word` (how common a word is). What suggestions and searches came to: `offer`, `settled`, `unanswered`.
  Files: `attachment`, `attached`, `file_rights`. Doors: `nonce` (mini-apps), `letter` (e-mail).

Beside the rooms that every slice has, `imports/` reads files of messages, such as another system's export.
"""
