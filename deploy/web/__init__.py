"""The HTTP edge: the slices' route tables made into one server, authentication, rate limits, problems, the site."""
