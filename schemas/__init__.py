"""The contracts everyone shares: ids, words, errors, topics, events, routes, and the city's data.

No I/O and no imports of ours: every other package may import this one, and this one imports none of them.

- `events/`: every event, one file for each producer; `event` is what all have. `words`: vocabularies; `labels`: their names.
- `ports`: what a slice is given (unit of work, publisher) and how it subscribes. `http`: how it declares routes.
- `errors`: everything that can be refused. `city`: the city's files. `masking/`: personal data taken out of text.
"""
