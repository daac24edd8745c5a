"""What sounds like an accusation of officials, or like danger, though no rule finds it: signs in a text, learned weights."""
