"""Contact details as people write them: telephone numbers, and words that stand beside them."""
