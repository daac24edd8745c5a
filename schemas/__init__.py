"""The contracts everyone shares: ids, words, errors, topics, events, routes, and the city's data.

No I/O and no imports of ours: every other package may import this one, and this one imports none of them.
"""
