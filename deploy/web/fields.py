"""Decodes form fields and query strings (application/x-www-form-urlencoded)."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from schemas.bilingual import Bilingual
from schemas.errors import Malformed

#: Project choice: no form of ours has more.
MOST_FIELDS = 200
#: What a form must be written in: of another encoding nobody could read what came, and its sender would never hear of it.
IN_UTF_8 = Bilingual(zh="表单须为 UTF-8 编码", en="send the form in UTF-8")
#: A per cent sign that begins no byte. Programs that quote nothing send a few, each read at ten times the cost of another
#: character: more than `MOST_FIELDS` are no form.
_STRAY = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def pairs_of(raw: bytes) -> list[tuple[str, str]]:
    """Names and texts, in their order.

    Raises:
        Malformed: more than `MOST_FIELDS`, or not all UTF-8.
    """
    _check(raw)
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed(reason=IN_UTF_8) from error
    except ValueError as error:
        raise Malformed(reason=f"more than {MOST_FIELDS} fields") from error


def query_of(raw: bytes) -> dict[str, str]:
    """What stands behind the question mark, by name; of several of a name the last.

    Raises:
        Malformed: more than `MOST_FIELDS`.
    """
    _check(raw)
    try:
        return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Malformed(reason=f"more than {MOST_FIELDS} fields") from error


def _check(raw: bytes) -> None:
    if raw.count(b"%") > MOST_FIELDS and len(_STRAY.findall(raw)) > MOST_FIELDS:
        raise Malformed(reason="%")


def joined_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields, without NUL; one that is given several times is joined by commas."""
    fields: dict[str, str] = {}
    for typed, said in pairs:
        name, value = typed.replace("\0", ""), said.replace("\0", "")
        fields[name] = f"{fields[name]},{value}" if fields.get(name) else value
    return fields
