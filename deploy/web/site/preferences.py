"""Which language and which text size somebody reads: their choice, else their browser's, else Chinese."""

from collections.abc import Mapping

from deploy.web.site.cookies import LANGUAGE, SIZE, cookie
from schemas.words import Language

#: What `?lang=` and the language cookie hold.
LANGUAGES: Mapping[str, Language] = {"zh": Language.ZH, "en": Language.EN}
SIZES = ("normal", "large")
#: The buttons of a form that is sent again only to be read in another way.
LANGUAGE_FIELD = "_lang"
SIZE_FIELD = "_size"


def language_of(headers: Mapping[str, str]) -> Language:
    """The language to answer in. Header names are lower case."""
    chosen = LANGUAGES.get(cookie(headers, LANGUAGE)) if "cookie" in headers else None
    if chosen is not None or "accept-language" not in headers:
        return chosen or Language.ZH
    return _browser_language(headers["accept-language"])


def large_text(headers: Mapping[str, str]) -> bool:
    """Whether the reader chose large text (长者模式)."""
    return "cookie" in headers and cookie(headers, SIZE) == "large"


def take_choices(form: dict[str, str]) -> Mapping[str, str]:
    """The choices in a form as cookies to set; they are taken out of it, so that what it says stays the same."""
    language, size = form.pop(LANGUAGE_FIELD, ""), form.pop(SIZE_FIELD, "")
    return ({LANGUAGE: language} if language in LANGUAGES else {}) | ({SIZE: size} if size in SIZES else {})


def _browser_language(header: str) -> Language:
    # Babel's negotiation knows no zh-CN where the catalogue is called zh-Hans; two languages need four lines.
    wanted = sorted((_weighed(part) for part in header.split(",")[:20]), key=lambda pair: -pair[0])
    for weight, primary in wanted:
        if weight > 0 and primary in LANGUAGES:
            return LANGUAGES[primary]
    return Language.ZH


def _weighed(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    primary = tag.strip().lower().partition("-")[0]
    weight = parameter.strip().removeprefix("q=")
    try:
        return (float(weight) if weight else 1.0, primary)
    except ValueError:
        return (0.0, primary)
