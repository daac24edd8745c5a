"""Every event, one file per topic, and one for handlers' parts. Importing this package registers them all."""

from schemas.events import commands, handlers, intake, knowledge, parts, routing, sla

__all__ = ["commands", "handlers", "intake", "knowledge", "parts", "routing", "sla"]
