"""Kafka's client as we use it: connections, fetches in sessions, record batches, and which partition a case has."""
