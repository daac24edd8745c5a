"""Postgres and Apache Kafka for one-command start: real servers, started and stopped by this process.

Nothing here outlives its parent: a server that loses its supervisor, even to `kill -9`, shuts itself
down cleanly.
"""
