"""Transcripts of the hotline's calls, read as messages."""
