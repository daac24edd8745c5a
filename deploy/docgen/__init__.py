"""Generated documents: what the code says of itself, written down and kept true.

`python -m deploy.docgen` writes them; `--check` fails when one of them is out of date, or a link leads nowhere.
"""
