"""Objects of a jsonl file as columns: what they nest of the message itself stands beside the rest."""

from collections.abc import Iterator, Mapping

from intake.imports.cells import ExactNumber
from intake.imports.columns import Columns

#: Objects within an object of a line that say more of the message itself, beside what means a contact or a place by name.
_PARTS = frozenset(
    ("contact", "caller", "citizen", "complainant", "reporter", "submitter", "sender", "place", "location")
)


#: What such an object says of the message. All else that it has is of whoever or whatever it is: their number, their title.
_OF_PARTS = frozenset(
    (
        "name", "phone", "email", "preference", "hours", "language", "address", "longitude", "latitude", "confidential",
    )
)  # fmt: skip
#: What a file is called in a list of files.
_FILE_NAMES = ("name", "filename", "file_name", "fileName", "url")


def flat(said: Mapping[str, object], columns: Columns) -> Iterator[tuple[str, object]]:
    """JSON may nest `contact` and `place`, as the API does, or all of it in one object.

    What any other object holds is somebody else's: a clerk's name, a department's telephone, an answer's text.
    """
    if len(said) == 1 and isinstance(only := next(iter(said.values())), Mapping):
        said = only
    for name, value in ((name, _bare(value)) for name, value in said.items()):
        if isinstance(value, list) and value and _says_more(name, columns) and all(map(_is_object, value)):
            for each in value:
                yield from _of_part(name, each, columns)
        elif not isinstance(value, Mapping):
            yield name, _listed(value)
        elif _says_more(name, columns):
            yield from _of_part(name, value, columns)
        elif columns.field_of(name) == "attachments":
            yield name, _listed([value])
        else:
            yield from ((f"{name}.{inner}", _listed(of_it)) for inner, of_it in value.items())


def _says_more(name: str, columns: Columns) -> bool:
    """Whether an object of this name says more of the message itself."""
    return name.lower() in _PARTS or columns.field_of(name) in ("name", "phone", "address")


def _of_part(name: str, part: Mapping[str, object], columns: Columns) -> Iterator[tuple[str, object]]:
    """What an object says of a person or a place; a point as maps write it (RFC 7946 §3.1.2), longitude first."""
    for inner, value in ((inner, _bare(value)) for inner, value in part.items()):
        if inner == "coordinates" and isinstance(value, list) and len(value) in (2, 3):
            yield from zip(("longitude", "latitude"), value[:2], strict=True)
        elif columns.field_of(inner) in _OF_PARTS:
            yield inner, _listed(value)
        else:
            yield f"{name}.{inner}", _listed(value)


def _bare(value: object) -> object:
    """The value that MongoDB writes with its kind: `{"$oid": "…"}`, `{"$numberLong": "…"}`, `{"$date": "…"}`."""
    while isinstance(value, Mapping) and len(value) == 1 and (kind := next(iter(value))).startswith("$"):
        value = value[kind]
        if kind == "$numberLong":
            return ExactNumber(value)
    return value


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _listed(value: object) -> object:
    """Several things in one place, a line each; of a file its name.

    A whole number is what its digits say: no spreadsheet has rounded it, and many systems number their cases with nineteen.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return ExactNumber(value)
    if not isinstance(value, list):
        return value
    named = [_file_name(each) if isinstance(each, Mapping) else each for each in value]
    return "\n".join(str(each) for each in named)


def _file_name(said: Mapping[str, object]) -> object:
    return next((said[name] for name in _FILE_NAMES if name in said), said)
