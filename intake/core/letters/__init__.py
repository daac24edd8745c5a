"""Letters by e-mail, read as messages."""
