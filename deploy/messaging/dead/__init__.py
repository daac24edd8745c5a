"""What becomes of records that cannot be handled: counted, sealed, kept as dead letters, replayed."""
