"""How the version numbers that slices give to one case are ordered (decision 8)."""

#: So far ahead lies what routing says of a case that has ended: handlers, where it knew the case, makes one version in
#: between, to say that it ended (by arithmetic: its own and that one).
PAST_HANDLERS = 2
