"""Pure functions and frozen values of the citizen's slice: no I/O, no clock, no randomness of their own.

A message from the web: `draft` checks it, `accepting` makes its codes and event, `registration` makes the case of it.

- By other doors: `letters/`, `calls/`, `open311/`, `mini_app_signature`; with `contacts/` and `files/`.
- `secrecy/`: who asked not to be published. `sealing`: what is personal, encrypted. `danger`: whom to call at once.
- `following/`: what its citizen sees of a case. `public/`, `search/`: what everybody reads, and how it is found.
"""
