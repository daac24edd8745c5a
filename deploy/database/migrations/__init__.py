"""Schema migrations (Alembic): expand, backfill, contract; each release can run beside the one before it."""
