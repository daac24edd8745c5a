"""The desk: its API and its pages."""
