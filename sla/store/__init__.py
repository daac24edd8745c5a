"""All of sla's SQL: what subscribers write, what the sweeper does, what supervisors read."""
