"""What supervisors see and call."""
