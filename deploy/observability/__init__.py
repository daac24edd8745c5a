"""What operators read: logs, metrics and traces."""
