"""Every event, one file per topic; those of parts and of supervision stand apart. Importing this package registers all."""

from schemas.events import commands, handlers, intake, knowledge, parts, routing, sla, supervision

__all__ = ["commands", "handlers", "intake", "knowledge", "parts", "routing", "sla", "supervision"]
