"""The supervisor's slice: by when each department must act, and who is told when it does not.

Audience: supervisors (督办员), who watch what is nearly or already late, urge (催办) and supervise (督办).

- Hears: `case.registered` (intake); `withdrawal.judged`, `case.declined`, `case.merged`, `case.shielded` (routing);
  from handlers everything that starts, pauses, extends, answers or ends a case.
- Says: `deadline.set`, `deadline.near`, `deadline.missed`, `breach.withdrawn`, `case.escalated`, `deadline.reminded`,
  `reminders.digested`, `case.urged`; all but escalations also on the department's own topic.
- Owns the schema `sla`: `case`, `clock`, `history`, `alert`, `withdrawal`, `supervision`, `calendar_day`,
  `calendar_change`, `rules_text`; for figures `deed`, `counted`, `tally`, `report`.

Which clocks run, and what each follows, is data: `data/clocks.toml` and the city's rules.
A deadline is a pure function of a rule, a calendar and the case's own history of pauses and extensions. A
breach, once it happened, is a fact that nothing erases; one that was declared too soon is taken back where all see it.
"""
