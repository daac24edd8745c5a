"""Whom to call at once, as the pages show it on which citizens write."""

from collections.abc import Mapping, Sequence
from typing import Any

from intake.core.danger import DENIED, LINES, SHOWN_BY, EmergencyLine, lines_for
from schemas.words import Language

#: In each language, with what shows each line.
_SHOWN_LINES: Mapping[Language, Sequence[Mapping[str, str]]] = {
    language: [
        {"number": line, "text": language.choose(*LINES[line]), "words": SHOWN_BY[line]}
        for line in EmergencyLine
    ]
    for language in Language
}


def shown_lines(language: Language, *texts: str) -> Mapping[str, Any]:
    """What `intake/danger.html` needs: every line, and those that these texts ask for."""
    return {"lines": _SHOWN_LINES[language], "denied": DENIED, "told": lines_for(*texts)}
