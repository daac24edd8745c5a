"""Tests: unit (nothing running), contract, integration and flow (embedded Postgres and Kafka), browser, faults."""
