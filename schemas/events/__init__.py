"""Every event, one file per producer. Importing this package registers them all."""

from schemas.events import commands, handlers, intake, routing, sla

__all__ = ["commands", "handlers", "intake", "routing", "sla"]
