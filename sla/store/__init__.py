"""All of sla's SQL: what subscribers write, what the sweeper does, what supervisors read."""

from sla.store.calendar_days import (
    calendar_stamp,
    declared_days,
    import_days,
    note_change,
    settle_changes,
    unsettled_changes,
)
from sla.store.rules_text import keep_good_rules, last_good_rules, rules_texts

__all__ = [
    "calendar_stamp",
    "declared_days",
    "import_days",
    "keep_good_rules",
    "last_good_rules",
    "note_change",
    "rules_texts",
    "settle_changes",
    "unsettled_changes",
]
