"""Whom to call at once, as the forms for messages show it."""

from collections.abc import Mapping, Sequence

from intake.core.danger import LINES, WORDS, EmergencyLine
from schemas.words import Language

#: In each language, with the words that show each line.
SHOWN_LINES: Mapping[Language, Sequence[Mapping[str, str]]] = {
    language: [
        {"number": line, "text": language.choose(*LINES[line]), "words": "|".join(WORDS[line])}
        for line in EmergencyLine
    ]
    for language in Language
}
