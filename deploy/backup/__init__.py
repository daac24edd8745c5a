"""Copies of everything that is not on Kafka: the database, and the files beside it; encrypted, verified, brought back."""
