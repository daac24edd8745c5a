"""Embedded servers, as far as they need none."""
