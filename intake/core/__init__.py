"""Pure functions and frozen values of the citizen's slice: no I/O, no clock, no randomness of their own."""
