"""Reading one text: which listed words it holds, which of them it denies, and what single characters add."""
