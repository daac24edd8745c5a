"""Calendars, rules and clocks as pure functions over frozen values.

- A due time: `rules` (which clocks a case has, and how long) and `calendar` (what is worked) → `deadline`.
- A clock's life: `kinds` (which events start, pause and stop it), `clocks` (warned, late), `after_breach`, `lives`.
- Figures: `figure_kinds` and `measures` say what is counted, `figures` and `tiers` make the rates, `reports` keep them.
- What supervisors do: `orders`, `call_backs`, `exclusions`. What they read: `readings`, `picture`.
"""
