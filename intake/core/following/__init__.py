"""What a citizen sees of their own case, how events change it, and what they may still do."""
