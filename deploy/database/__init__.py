"""Postgres: connections, the unit of work with its outbox, and the migrations that keep the schema at this release.

- A transaction: `pool` → `unit_of_work`, which writes `outbox` (events to send), `notices` and, for consumers, `inbox`.
- Processes: `beats` (who lives), `leases` (who leads), `progress` (how far consumers are), `lost_ranges`.
- The schema: `metadata`, `migrate`, `migrations/`, `indexes`, `rights` (two roles).
- Logs that only grow: `sealed_rows`, `operator_deeds`, `case_views`.
"""
