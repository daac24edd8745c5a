"""What is opened by a secret that could be guessed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedSecret:
    """What somebody tries to open with a secret, and whether it is the one that does."""

    #: What it is called; empty of what nobody ever made.
    of: str
    is_right: bool = False
