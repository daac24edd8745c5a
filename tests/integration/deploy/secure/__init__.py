"""Kafka and Postgres as a city runs them: TLS, passwords, ACLs."""
