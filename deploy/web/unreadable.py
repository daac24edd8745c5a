"""What a request gets that could not be parsed as HTTP, or whose headers never end.

Nothing of the site knows of it, so that the page has neither its frame nor its styles: to fetch these may fail alike.
"""

from collections.abc import Iterable
from http import HTTPStatus

from markupsafe import Markup

from deploy.web import problems
from deploy.web.site.headers import SECURITY_HEADERS
from deploy.web.site.preferences import language_of
from schemas.errors import HuiyinError
from schemas.words import Language

_PAGE = Markup(
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>\n'
    "<body><main><h1>{title}</h1><p>{message}</p><p>{status}</p></main></body></html>\n"
)


def answer(error: HuiyinError, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The whole response, for a connection that ends with it. `headers`: as far as they came, their names in lower case."""
    known = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    language = language_of(known)
    if "text/html" in known.get("accept", ""):
        kind, body = "text/html; charset=utf-8", _page(error, language).encode()
    else:
        kind, body = problems.CONTENT_TYPE, problems.encode(error, language)
    said = {
        **SECURITY_HEADERS,
        "content-type": kind,
        "content-length": str(len(body)),
        "content-language": language.value,
        "cache-control": "no-store",
        "connection": "close",
    }
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in said.items()]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def _page(error: HuiyinError, language: Language) -> str:
    return _PAGE.format(
        language=language,
        title=problems.title(error.status, language),
        message=error.message(language),
        status=error.status,
    )
