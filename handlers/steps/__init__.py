"""The use cases of handlers: load, let the core decide, save, say so. None of them commits."""
