"""The citizen's slice: takes messages in, makes cases of them, and shows each citizen what became of theirs.

Audience: the citizens, by web form, hotline and mini-app; anybody who reads published answers.

Hears: `submission.accepted` (group `intake`); from routing, handlers and sla what changes a case's state, its
department, its deadline or its answer, and knowledge entries (group `intake.follow`).

Says: `submission.accepted` (raw, its own topic), `case.registered`, `case.supplemented`, `case.withdrawn`,
`citizen.rated`, `citizen.objected`, `duplicate.suspected`.

Owns: intake.case (the register, masked), intake.sealed (what is personal, encrypted), intake.supplement,
intake.view (what the citizen sees, with the timeline), intake.published, intake.entry (knowledge entries, as everybody
may read them), intake.nonce, intake.silent_call,
intake.attachment and intake.attached (files that came with messages), intake.reachable (who is told of news).

Beside the rooms that every slice has, `imports/` reads files of messages, such as another system's export.
"""
