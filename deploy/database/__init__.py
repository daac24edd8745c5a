"""Postgres: connections, the unit of work with its outbox, and the migrations that keep the schema at this release."""
