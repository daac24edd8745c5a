"""JSON objects of a jsonl file as columns, nested fields of the message included."""

from collections.abc import Iterator, Mapping, Sequence

from intake.imports.cells import EXACT, ExactNumber, value_of
from intake.imports.columns import Columns
from intake.imports.consent import UNTICKED, answered, offers_only_openness, ticked

#: Objects within an object of a line that say more of the message itself, beside what means a contact or a place by name.
_PARTS = frozenset(
    ("contact", "caller", "citizen", "complainant", "reporter", "submitter", "sender", "place", "location")
)

#: What such an object says of the message. All else that it has is of whoever or whatever it is: their number, their title.
_OF_PARTS = frozenset(
    (
        "name", "phone", "email", "preference", "hours", "language", "address", "longitude", "latitude", "confidential",
        "publish",
    )
)  # fmt: skip
#: What an object of a list is called, by what the list holds: a file by its name; words stand as they are, all of them.
_CALLED: Mapping[str | None, Sequence[str]] = {
    "attachments": ("name", "filename", "file_name", "fileName", "url"),
    "text": (),
}
_OTHERS_CALLED = ("name",)
#: What an object may answer by what is ticked in it: what nobody understands of it protects whoever wrote.
_ANSWERED = frozenset(("confidential", "named", "publish"))
#: What a line of `FILE.rejected.jsonl` has: corrected there it is imported as it is (`lines.py`).
_PUT_ASIDE = frozenset(("row", "sheet", "line", "reasons", "data"))
#: Degrees from the equator to a pole, by definition: no place lies farther.
_POLE = 90
#: Degrees. Project choice: China lies south of 54 and east of 73, so that what is between is neither.
_BETWEEN = 60


def flat(said: Mapping[str, object], columns: Columns) -> Iterator[tuple[str, object]]:
    """JSON may nest `contact` and `place`, as the API does, or all of it in one object.

    What any other object holds is somebody else's: a clerk's name, a department's telephone, an answer's text.
    """
    if len(said) == 1 and isinstance(only := next(iter(said.values())), Mapping):
        said = only
    elif said.keys() == _PUT_ASIDE and isinstance(row := said["data"], Mapping):
        said = row
    for name, value in ((name, _bare(value)) for name, value in said.items()):
        if isinstance(value, list) and value and _says_more(name, columns) and all(map(_is_object, value)):
            for each in value:
                yield from _of_part(name, each, said, columns)
        elif not isinstance(value, Mapping):
            yield name, _listed(name, value, columns)
        elif (answer := _answer(columns.field_of(name), value)) is not None:
            yield name, answer
        elif _says_more(name, columns):
            yield from _of_part(name, value, said, columns)
        elif columns.field_of(name) == "attachments":
            yield name, _listed(name, [value], columns)
        else:
            yield from ((f"{name}.{inner}", _listed(inner, of_it, columns)) for inner, of_it in value.items())


def _says_more(name: str, columns: Columns) -> bool:
    """Whether an object of this name says more of the message itself."""
    return name.lower() in _PARTS or columns.field_of(name) in ("name", "phone", "address")


def _answer(field: str | None, choices: Mapping[str, object]) -> str | None:
    """What an object answers, where its column asks; None where what it holds is read as columns."""
    if field == "preference":
        return ticked(choices) or None
    answer = answered(choices) if field in _ANSWERED else None
    if field == "confidential" and answer == UNTICKED and offers_only_openness(choices):
        return str(dict(choices))
    return str(choices) if answer is None and field == "publish" and choices else answer


def _of_part(
    name: str, part: Mapping[str, object], said: Mapping[str, object], columns: Columns
) -> Iterator[tuple[str, object]]:
    """What an object says of a person or a place, and of the message what that does not say itself."""
    taken = _OF_PARTS | _lacking(said, columns)
    for inner, value in ((inner, _bare(value)) for inner, value in part.items()):
        if inner == "coordinates" and isinstance(value, list) and len(value) in (2, 3):
            yield from zip(("longitude", "latitude"), _longitude_first(value[:2]), strict=True)
        elif columns.field_of(inner) in taken:
            yield inner, _listed(inner, value, columns)
        else:
            yield f"{name}.{inner}", _listed(inner, value, columns)


def _lacking(said: Mapping[str, object], columns: Columns) -> frozenset[str]:
    """What of its own the message lacks; a title beside its text may be anything's, such as `先生`."""
    own = {columns.field_of(name) for name, value in said.items() if value and not _is_object(value)}
    return frozenset(("attachments",) if "text" in own else ("attachments", "text", "title")) - own


def _longitude_first(point: Sequence[object]) -> Sequence[object]:
    """As maps write it (RFC 7946 §3.1.2); the other way round where that alone can be, in the world or in China."""
    first, second = point
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return point
    return point[::-1] if abs(second) > _POLE or first < _BETWEEN < second else point


def _bare(value: object) -> object:
    """The value that MongoDB writes with its kind: `{"$oid": "…"}`, `{"$numberLong": "…"}`, `{"$date": "…"}`."""
    while isinstance(value, Mapping) and len(value) == 1 and (kind := next(iter(value))).startswith("$"):
        value = value[kind]
        if kind == EXACT:
            return ExactNumber(value)
    return value


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _listed(name: str, value: object, columns: Columns) -> object:
    """Several things in one place, a line each; what a spreadsheet shows instead of a value is none.

    A whole number is what its digits say: no spreadsheet has rounded it, and many systems number their cases with nineteen.
    """
    if isinstance(value, str):
        return value_of(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return ExactNumber(value)
    if not isinstance(value, list):
        return value
    if any(map(_is_object, value)):
        field = columns.field_of(name)
        names = _CALLED.get(field, _OTHERS_CALLED)
        value = [
            _called(each, names) if isinstance(each, Mapping) and _is_called(field, each) else each
            for each in value
        ]
    return "\n".join(map(str, value))


def _is_called(field: str | None, said: Mapping[str, object]) -> bool:
    """Whether its name says all of it: beside an answer it may stand that nobody ticked it."""
    return field not in _ANSWERED or len(said) == 1


def _called(said: Mapping[str, object], names: Sequence[str]) -> object:
    return next((said[name] for name in names if name in said), said)
