"""Kafka: what we send, how consumers handle batches, and what becomes of records that cannot pass.

One batch, one transaction, one commit (`consumer`); the outbox goes out through one relay (`relay`).
"""
