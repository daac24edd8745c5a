"""Which refusal a department still has to read."""

from datetime import UTC, datetime

import pytest

from handlers.core.history import Happening
from handlers.core.refused import refused_last

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


def _history(events: str) -> list[Happening]:
    """`*`: a row that changed nothing."""
    return [
        Happening(
            at=AT, event=event.rstrip("*"), text=f"{number}", actor="li", role="dispatcher", state="", version=number,
            detail={"ignored": True} if event.endswith("*") else {},
        )
        for number, event in enumerate(events.split())
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("events", "place"),
    [
        ("", None),
        ("route sign reply", None),
        ("route sign reply send-back", 3),
        ("route sign reply send-back note contact.shown extend refuse-extension", 7),
        ("route sign reply send-back extend grant-extension progress", 3),
        ("route sign reply send-back reply", None),
        ("route sign reply send-back undo-send-back", None),
        ("route sign reply send-back send-back*", 3),
        ("route sign reply send-back reply*", 3),
        ("route return refuse-return", 2),
        ("route return refuse-return deem-signed note", 2),
        ("route return refuse-return sign", None),
        ("route return refuse-return route", None),
        ("route sign suspend refuse-suspension promise grant-promise", None),
        ("route sign promise refuse-promise", 3),
        ("route sign reply approve object", None),
    ],
)
def test_a_refusal_stands_until_it_is_gone_on_from(events: str, place: int | None) -> None:
    """A reply that was sent back until another is written; a request until the department does something else."""
    found = refused_last(_history(events))

    assert place == (None if found is None else found.version)
