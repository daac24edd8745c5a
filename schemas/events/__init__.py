"""Every event, one file per topic; those of call-backs, parts and supervision stand apart. Importing this registers all."""

from schemas.events import (
    call_backs,
    commands,
    exclusions,
    handlers,
    intake,
    knowledge,
    parts,
    routing,
    sla,
    supervision,
)

__all__ = [
    "call_backs",
    "commands",
    "exclusions",
    "handlers",
    "intake",
    "knowledge",
    "parts",
    "routing",
    "sla",
    "supervision",
]
