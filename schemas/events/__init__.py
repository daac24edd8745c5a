"""Every event, one file per topic; but for call-backs, parts, supervision and undoing. Importing this registers all."""

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
    undone,
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
    "undone",
]
