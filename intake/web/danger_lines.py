"""Whom to call at once, as the forms for messages show it."""

from collections.abc import Mapping, Sequence

from intake.core.danger import LINES, SHOWN_BY, EmergencyLine
from schemas.words import Language

#: In each language, with what shows each line.
SHOWN_LINES: Mapping[Language, Sequence[Mapping[str, str]]] = {
    language: [
        {"number": line, "text": language.choose(*LINES[line]), "words": SHOWN_BY[line]}
        for line in EmergencyLine
    ]
    for language in Language
}
