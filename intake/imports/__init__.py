"""Messages from a file, such as another system's export: `run.py` is the import, from its first row to its last.

`readers.py` gives the rows of a file, `columns.py` says what each column means, `rows.py` makes messages of rows,
`progress.py` remembers how far an import came. `huiyin import` calls it.
"""
