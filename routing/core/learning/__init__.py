"""What is learned from labelled messages: hashed character n-grams, a linear model of them, honest probabilities."""
