"""Pure routing: what a message is about, who must answer, and what a dispatcher may decide.

`classify` is the way in: it reads a message by the city's `rules` and says where it goes, or which `doubts` a person
must settle.

- `text/`: finds the listed words of a text, and what is denied.
- `accusations/`, `danger/`: what rules find of either; `suspicion/`: what only sounds like it, by learned weights.
- `learning/`: the model that a city teaches. `topics/`: matters that many people write of at once.
- `decisions/`: what waits for dispatchers (`review`), and what their decisions do (`outcome`).
"""
