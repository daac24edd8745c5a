"""The department's rules: pure functions and frozen values.

- What may happen when: `lifecycle` is the table, `rules` its vocabulary, `actions/` one file for each action.
- What others do to a case: `verdicts` and `reviews` (dispatchers), `citizens`, `answers`, `undoing`.
- What it is and what is kept of it: `case`, `chain` (the audit log), `history`, `views` (what a desk shows).
- Systems of departments: `commands`, `faulty_commands`. Knowledge entries: `entries`, `entry_ends`, `entry_views`.
"""
