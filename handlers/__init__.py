"""The department's slice: a case from its assignment to the published reply, and the desk where that happens.

Audience: the departments (承办单位), at their desk, by HTTP or by commands on Kafka.

- Hears: what routing decides and judges, what citizens rate and object to (of which it keeps no word), deadlines, breaches
  and urging (group `handlers`); `command.*` from departments' systems (group `handlers.commands`).
- Says: `case.assigned`, `case.signed`, `case.returned`, `return.refused`; `extension.requested`, `extension.decided`,
  `suspension.requested`, `suspension.decided`, `case.suspended`, `case.resumed`; `promise.requested`,
  `promise.decided`, `progress.noted`; `question.asked`, `question.answered`, `question.lapsed`; `part.asked`,
  `part.done`, `part.withdrawn`; `order.reported`; `case.replied`, `reply.sent-back`, `reply.published`, `case.closed`,
  `case.reopened`, `case.recalled`, `verdict.undone`, `move.undone`, `tags.changed`, `urgency.raised`, `case.protected`,
  `request.dropped`. On each department's own topic also `case.updated` and `command.answered`; on the topic of knowledge
  entries `entry.proposed`, `entry.published`, `entry.expired`, `entry.withdrawn`.
- Owns the schema `handlers`: `case`, `log` (append-only, hash-chained), `supplement`, `withdrawal`, `command`; knowledge
  entries: `entry`, `entry_log` (append-only), `contradiction`.
"""
