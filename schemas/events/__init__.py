"""Every event, one file per topic, but for a few matters with a file of their own. Importing this registers all."""

from schemas.events import (
    call_backs,
    commands,
    exclusions,
    handlers,
    intake,
    knowledge,
    parts,
    pressing,
    routing,
    sla,
    supervision,
    tags,
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
    "pressing",
    "routing",
    "sla",
    "supervision",
    "tags",
    "undone",
]
