"""What the citizen's slice does, one use case a function: load, decide, save, say. No step commits."""
