"""Objects of a jsonl file as columns: what they nest of the message itself stands beside the rest."""

from collections.abc import Iterator, Mapping

from intake.imports.cells import ExactNumber
from intake.imports.columns import Columns

#: Objects within an object of a line that say more of the message itself, beside what means a contact or a place by name.
_PARTS = frozenset(
    ("contact", "caller", "citizen", "complainant", "reporter", "submitter", "sender", "place", "location")
)


def flat(said: Mapping[str, object], columns: Columns) -> Iterator[tuple[str, object]]:
    """JSON may nest `contact` and `place`, as the API does, or all of it in one object.

    What any other object holds is somebody else's: a clerk's name, a department's telephone, an answer's text.
    """
    if len(said) == 1 and isinstance(only := next(iter(said.values())), Mapping):
        said = only
    for name, value in said.items():
        if isinstance(value, list) and value and _says_more(name, columns) and all(map(_is_object, value)):
            yield from ((inner, _listed(of_it)) for each in value for inner, of_it in each.items())
        elif not isinstance(value, Mapping):
            yield name, _listed(value)
        elif _says_more(name, columns):
            yield from ((inner, _listed(of_it)) for inner, of_it in value.items())
        else:
            yield from ((f"{name}.{inner}", _listed(of_it)) for inner, of_it in value.items())


def _says_more(name: str, columns: Columns) -> bool:
    """Whether an object of this name says more of the message itself."""
    return name.lower() in _PARTS or columns.field_of(name) in ("name", "phone", "address")


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
    named = [each.get("name", each) if isinstance(each, Mapping) else each for each in value]
    return "\n".join(str(each) for each in named)
