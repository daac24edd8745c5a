"""Keyset pagination in SQL: compares a row's position with that of a cursor.

Without a cursor the parameters are NULL, and an end of each type stands for them, before or behind every value that a row
can have: one statement, and one walk along its index, for the first page and for all others.
"""

#: The least and the greatest value of each type that lists are sorted by; whole numbers are rows', and begin with 1.
ENDS = {
    "timestamptz": ("-infinity", "infinity"),
    "date": ("-infinity", "infinity"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "int4": ("0", "2147483647"),
    "int8": ("0", "9223372036854775807"),
}


def rises_above(first: int, **columns: str) -> str:
    """The condition that a row comes behind a place, where the list rises.

    `first`: the number of the parameter with the place's first value; the others follow it. `columns`: by their types, in
    the order in which the list is sorted, as in `rises_above(3, timestamptz="c.due_at", uuid="c.case_id")`.
    """
    least = {kind: ENDS[kind][0] for kind in columns}
    return f"({', '.join(columns.values())}) > ({_place(first, least)})"


def falls_below(first: int, **columns: str) -> str:
    """As `rises_above`, where the list falls: the newest first."""
    greatest = {kind: ENDS[kind][1] for kind in columns}
    return f"({', '.join(columns.values())}) < ({_place(first, greatest)})"


def _place(first: int, ends: dict[str, str]) -> str:
    values = enumerate(ends.items(), start=first)
    return ", ".join(f"COALESCE(${number}, {kind} '{end}')" for number, (kind, end) in values)
