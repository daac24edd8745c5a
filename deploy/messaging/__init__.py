"""Kafka: what we send, how consumers handle batches, and what becomes of records that cannot pass.

- A batch's way in: `broker` → `consumer` → `envelope`, `signature` → `transaction` (`waves`) → `offsets`.
- Records that fail: `error_policy` decides, `dead_letter_policy` counts, `dead_letters` keeps and replays them.
- The way out: `relay` sends the outbox. `publisher` sends a citizen's message straight to Kafka, past the outbox.
- Kafka's client: `client`, `fetching`, `fetch_sessions`, `record_batches`, `positions`, `partitioner`.
- Topics and rights: `topics`, `retention`, `rights`, `acl`, `access`, `probe`.
"""
