"""A browser cuts what is pasted at `maxlength` and says nothing: what people write is refused whole, with the limit."""

import re
from pathlib import Path

from tests.architecture.source import ROOT

#: What holds a code, a name or words to search for: a cut one finds nothing, and nothing is lost.
_SEARCHED = re.compile(
    r"""type=["'](search|password)|name="(code|username|merge_into)"|"(username|current-password)"|macro |{%- if maxlength"""
)


def _cutting(template: Path) -> list[str]:
    lines = template.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if "maxlength" in line and not _SEARCHED.search(line)]


def test_no_page_cuts_what_is_written() -> None:
    """In no field for words of one's own."""
    rooms = ("intake/web", "routing/web", "handlers/web", "sla/web", "deploy/web/site")
    pages = [page for room in rooms for page in (ROOT / room / "templates").glob("*.html")]

    assert {} == {page.name: cut for page in pages if (cut := _cutting(page))}
