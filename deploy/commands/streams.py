"""stdin, stdout and stderr of the command: a closed pipe or full disk is reported, not raised."""

import codecs
import contextlib
import io
import json
import os
import sys

#: By the name that Python looks handlers of such errors up by.
_ESCAPED = "huiyin-escaped"


def fit() -> None:
    """Before anything is opened: nothing gets the number of a closed stream, and signs that stdout lacks are escaped."""
    _fill()
    codecs.register_error(_ESCAPED, _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Who set nothing has ASCII: the libraries write UTF-8 then, and so do we.
        is_ascii = codecs.lookup(sys.stdout.encoding).name == "ascii"
        sys.stdout.reconfigure(encoding="utf-8" if is_ascii else None, errors=_ESCAPED)


def is_of_halves(error: UnicodeEncodeError) -> bool:
    """Whether bytes of another encoding were typed, which Python keeps as halves of characters."""
    return error.reason.startswith("surrogates")  # Python's own words


def unwritten() -> OSError | None:
    """Why what is left of the report cannot be written; None once it is."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    return None


def give_up_stdout() -> None:
    """What could not be written is dropped: Python would try once more at its end, and say so in two lines of its own."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fill() -> None:
    """Open what is closed, in the order of the numbers; of stdout so that a report which nobody gets fails."""
    for number, way in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  for as long as we live
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as above
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as above


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """As JSON writes it, so that JSON stays JSON in whatever encoding. Halves of characters are none: they were typed so."""
    if not isinstance(error, UnicodeEncodeError) or is_of_halves(error):
        raise error
    # As JSON writes them, in two halves beyond the first plane (RFC 8259, 7).
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
