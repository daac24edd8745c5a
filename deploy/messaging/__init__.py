"""Kafka: what we send, how consumers handle batches, and what becomes of records that cannot pass.

- A batch's way in: `consuming.broker` → `consuming.consumer` → `records.envelope`, `records.signature` →
  `consuming.transaction` (`waves`) → `consuming.offsets`.
- Records that fail: `consuming.error_policy` decides, `dead.dead_letter_policy` counts, `dead.dead_letters` keeps and
  replays them.
- The way out: `relay` sends the outbox. `publisher` sends a citizen's message straight to Kafka, past the outbox.
- Kafka's client is in `client/`; topics, how long they keep records, and rights are in `topics/`.
"""
