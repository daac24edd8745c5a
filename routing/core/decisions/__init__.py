"""What dispatchers decide: what waits for them, what each decision does, and how it is taken back."""
