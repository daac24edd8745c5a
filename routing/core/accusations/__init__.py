"""Whether a message accuses officials, and of which unit: by rules; what only sounds like it is judged in `suspicion`."""
