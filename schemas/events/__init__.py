"""Every event, one file per producer, and one for handlers' parts. Importing this package registers them all."""

from schemas.events import commands, handlers, intake, parts, routing, sla

__all__ = ["commands", "handlers", "intake", "parts", "routing", "sla"]
