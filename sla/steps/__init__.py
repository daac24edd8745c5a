"""What sla does: start clocks, let them follow what happens to a case, raise alerts, watch, urge. A step never commits."""
