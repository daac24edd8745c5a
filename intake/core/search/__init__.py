"""How answers are found by whole questions: which words look for them, how near each is, and what is shown as matching."""
