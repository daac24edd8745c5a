"""How consumers handle batches of records: read, check, handle in one transaction, then commit how far they are."""
