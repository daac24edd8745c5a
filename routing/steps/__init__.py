"""Routing's use cases: route what is new, follow what departments do, take a dispatcher's decision."""
