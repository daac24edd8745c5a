"""All of sla's SQL: what subscribers write, what the sweeper does, what supervisors read."""

from sla.store.calendar_days import calendar_overrides, calendar_stamp, import_days

__all__ = ["calendar_overrides", "calendar_stamp", "import_days"]
