"""Messages from a file, such as another system's export: `run.py` is the import, from its first row to its last.

`kinds.py` tells what kind of file it is, `readers.py` gives its sheets and their lines (`workbook.py`,
`worksheet.py`: xlsx), `tables.py` says which sheets are read and where their header is (`headers.py`: one of two
lines, `asides.py`: what is no message, `continued.py`: a sheet without a header), `columns.py` what each column
means, `cells.py` what a cell says, `rows.py` makes messages of rows (`row.py`, `contacts.py`, `times.py`),
`consent.py` reads secrecy and publication, `attached.py` finds the files that rows name, `lines.py` writes what is
put aside, `preview.py` tells what was read, `progress.py` remembers how far an import came.
`huiyin import` calls it.
"""
