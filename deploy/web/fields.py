"""The fields of a form, as browsers and programs send them (application/x-www-form-urlencoded)."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from schemas.errors import Malformed

#: Project choice: no form of ours has more.
MOST_FIELDS = 200


def pairs_of(raw: bytes) -> list[tuple[str, str]]:
    """Names and texts, in their order.

    Raises:
        Malformed: more than `MOST_FIELDS`.
    """
    try:
        return parse_qsl(
            raw.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise Malformed(reason=f"more than {MOST_FIELDS} fields") from error


def joined_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields, without NUL; one that is given several times is joined by commas."""
    fields: dict[str, str] = {}
    for typed, said in pairs:
        name, value = typed.replace("\0", ""), said.replace("\0", "")
        fields[name] = f"{fields[name]},{value}" if fields.get(name) else value
    return fields
