"""What sla does: start clocks, let them follow what happens to a case, raise alerts, watch, urge. A step never commits."""

from sla.steps.call_backs import draw_call_backs, end_silent
from sla.steps.exclusions import tell_overdue
from sla.steps.move import recompute_for_calendar
from sla.steps.report import make_reports
from sla.steps.sweep import sweep
from sla.steps.tally import tally
from sla.steps.urge import follow_up, urge

__all__ = [
    "draw_call_backs", "end_silent", "follow_up", "make_reports", "recompute_for_calendar", "sweep", "tally",
    "tell_overdue", "urge",
]  # fmt: skip
