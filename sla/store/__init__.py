"""All of sla's SQL: what subscribers write, what the sweeper does, what supervisors read."""

from sla.store.calendar_days import calendar_overrides, calendar_stamp, import_days
from sla.store.sweeping import next_due

__all__ = ["calendar_overrides", "calendar_stamp", "import_days", "next_due"]
