"""What sounds like an accusation of officials though no listed word says so: signs in a text, and learned weights."""
