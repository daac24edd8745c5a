"""A sheet without a header of its own that continues the one before."""

import re
from collections.abc import Mapping, Sequence

from intake.core.contacts.telephone import read_telephone
from intake.imports.cells import text_of
from intake.imports.times import moment_in
from intake.imports.worksheet import Line

#: Of its lines, the share that must look like those of the sheet before. Project choice: a list ends with a total or two.
_MOST = 0.7
#: Columns below which one line looks like any other. Project choice.
_FEW_COLUMNS = 2

#: By place: a column's name, and what it means.
Header = Mapping[int, tuple[str, str | None]]


def fits(header: Header, width: int, lines: Sequence[Line]) -> bool:
    """Whether these lines may stand below this header: no wider than it, and a text in nearly every one."""
    text = {place for place, (_, meaning) in header.items() if meaning == "text"}
    fitting = [
        cells
        for _, cells, _ in lines
        if len(cells) >= _FEW_COLUMNS and max(cells) < width and any(text_of(cells.get(at)) for at in text)
    ]
    return len(header) >= _FEW_COLUMNS and len(fitting) >= max(1, len(lines) * _MOST)


def continues(header: Header, width: int, above: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Whether these lines surely go on with the table of the sheet before: numbers, telephones or times in the same columns.

    `above`: lines of that sheet. A list of words with as many columns must not become citizens' messages.
    """
    if not fits(header, width, lines):
        return False
    shapes = {_shape(cells.get(at)) for _, cells, _ in above for at in _places(header, "external_id")}
    alike = [cells for _, cells, _ in lines if _is_alike(header, cells, shapes - {""})]
    return len(alike) >= max(1, len(lines) * _MOST)


def _is_alike(header: Header, cells: Mapping[int, object], shapes: set[str]) -> bool:
    return (
        any(_shape(cells.get(at)) in shapes for at in _places(header, "external_id"))
        or any(read_telephone(text_of(cells.get(at)))[0] for at in _places(header, "phone"))
        or any(moment_in(cells.get(at)) is not None for at in _places(header, "said_at"))
    )


def _places(header: Header, meaning: str) -> list[int]:
    return [place for place, (_, field) in header.items() if field == meaning]


def _shape(value: object) -> str:
    """`20261120-0001` is `9-9`: what a number is made of, however long its parts are."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text_of(value)))
