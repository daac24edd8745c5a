"""The department's slice: a case from its assignment to the published reply, and the desk where that happens.

Audience: the departments (承办单位), at their desk, by HTTP or by commands on Kafka.

Hears (group `handlers`): case.routed, review.decided, case.declined, case.merged, recall.requested, decision.undone,
supplement.judged, withdrawal.judged from routing; citizen.rated, citizen.objected from intake, of which it keeps no word;
deadline.set, deadline.missed, breach.withdrawn, case.urged from sla. Hears (group `handlers.commands`):
command.* from department systems.

Says: case.assigned, case.signed, case.returned, return.refused, extension.requested, extension.decided,
suspension.requested, suspension.decided, case.suspended, case.resumed, case.replied, reply.sent-back,
reply.published, case.closed, case.reopened, case.recalled, request.dropped;
on each department's own topic also case.updated and command.answered; on the topic of knowledge entries
entry.proposed, entry.published, entry.expired, entry.withdrawn.

Owns: handlers.case, handlers.log (append-only, hash-chained), handlers.supplement, handlers.withdrawal,
handlers.command, handlers.entry (knowledge entries) with handlers.entry_log (append-only) and handlers.contradiction.
"""
