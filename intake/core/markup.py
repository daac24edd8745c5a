"""Text that was pasted from Word or a web page, without its markup."""

import re
from html.parser import HTMLParser

#: What only markup has: an end tag, a line break, a comment. `a<b 且 c>d` is none.
_MARKUP = re.compile(r"</[a-zA-Z][a-zA-Z0-9:]*\s*>|<br\s*/?>|<!--|<!\[|<!DOCTYPE", re.IGNORECASE)
_PARAGRAPHS = frozenset(
    ("p", "div", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre")
)
_LINES = frozenset(("br", "tr"))
#: What they hold is for programs.
_UNSHOWN = frozenset(("style", "script", "head", "title", "xml", "template"))
#: `<!--[if gte mso 9]>…<![endif]-->`: Word's own, which the parser would take for text where the comment is broken.
_CONDITIONAL = re.compile(r"<!(?:--)?\[if.*?endif\](?:--)?>", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"[ \t\r\n]+")


def without_markup(text: str) -> str:
    """`text` as somebody would read it: tags gone, paragraphs and lines kept, entities as characters."""
    if "<" not in text or not _MARKUP.search(text):
        return text
    reader = _Reader()
    reader.feed(_CONDITIONAL.sub("", text))
    reader.close()
    shown = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.pieces))
    return re.sub(r"\n{3,}", "\n\n", shown).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unshown = 0

    def parse_html_declaration(self, i: int) -> int:
        """What the library gives up on (`<![;`) is a comment, as to a browser; without an end it stays text."""
        try:
            return super().parse_html_declaration(i)
        except AssertionError:
            return self.parse_bogus_comment(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag becomes the break that it makes."""
        if tag in _UNSHOWN:
            self._unshown += 1
        self._break(tag)
        if tag in ("td", "th") and self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """The end of an element: text is shown again, or breaks."""
        if tag in _UNSHOWN:
            self._unshown = max(0, self._unshown - 1)
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """Line ends within a paragraph are the source's, not the writer's."""
        if not self._unshown:
            self.pieces.append(_BLANK.sub(" ", data))

    def _break(self, tag: str) -> None:
        if tag.rpartition(":")[2] in _PARAGRAPHS or tag in _LINES:
            self.pieces.append("\n")
