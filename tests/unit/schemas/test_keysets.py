"""Where lists go on, in SQL."""

from schemas.keysets import ENDS, falls_below, rises_above
from tests.architecture.source import files, place, texts


def test_a_rising_list_begins_before_every_row() -> None:
    """Each parameter stands in its place, and an end of its type where it is NULL."""
    assert (
        "(c.due_at, c.id) > (COALESCE($3, timestamptz '-infinity'),"
        " COALESCE($4, uuid '00000000-0000-0000-0000-000000000000'))"
    ) == rises_above(3, timestamptz="c.due_at", uuid="c.id")


def test_a_falling_list_begins_behind_every_row() -> None:
    """The same from the other end."""
    assert (
        "(r.last, r.seq) < (COALESCE($1, date 'infinity'), COALESCE($2, int8 '9223372036854775807'))"
    ) == falls_below(1, date="r.last", int8="r.seq")


def test_no_statement_says_the_ends_itself() -> None:
    """One that did could forget a row where a type or an order changes."""
    ids = ENDS["uuid"]
    said = {
        place(path)
        for path in files("intake", "routing", "handlers", "sla", "deploy")
        for _, text in texts(path)
        if "migrations" not in path.parts and any(each in text for each in ids)
    }

    assert set() == said
