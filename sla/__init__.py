"""The supervisor's slice: by when each department must act, and who is told when it does not.

Audience: supervisors (督办员), who watch what is nearly or already late, urge (催办) and supervise (督办).

- Hears: from intake, routing and handlers everything that registers, starts, pauses, extends, answers or ends a case, or a
  clock of it.
- Says: `deadline.set`, `deadline.near`, `deadline.missed`, `breach.withdrawn`, `deadline.reminded`, `reminders.digested`,
  `case.escalated`, `pause.ended`; `case.urged`, `case.followed-up`, `order.accepted`; `call-back.due`, `call-back.done`;
  `exclusion.moved`. Much of it also on the department's own topic.
- Owns the schema `sla`: `case`, `clock`, `history`, `alert`, `withdrawal` (of breaches), `supervision`, `calendar_day`,
  `calendar_change`, `rules_text`; call-backs: `call_back`, `call_back_day`; figures: `deed`, `counted`, `tally`,
  `report`, `exclusion`.

Which clocks run, and what each follows, is data: `data/clocks.toml` and the city's rules.
A deadline is a pure function of a rule, a calendar and the case's own history of pauses and extensions. A
breach, once it happened, is a fact that nothing erases; one that was declared too soon is taken back where all see it.
"""
