"""Notices, over a real database, with real receivers."""
