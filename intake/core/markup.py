"""Text that was pasted from Word or a web page, and letters in HTML, without their markup.

Read in one pass: the standard library's reader looks from each `<` to the end, so that fifty kilobytes of tags that never
end, which anybody may send, hold a processor for a minute.
"""

import re
from html import unescape

#: What only markup has: an end tag, a line break, a comment. `a<b 且 c>d` is none.
_MARKUP = re.compile(r"</[a-zA-Z][a-zA-Z0-9:]*\s*>|<br\s*/?>|<!--|<!\[|<!DOCTYPE", re.IGNORECASE)
_PARAGRAPHS = frozenset(
    ("p", "div", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre")
)
_LINES = frozenset(("br", "tr"))
_CELLS = frozenset(("td", "th"))
#: What they hold is for programs. Not `head`, which HTML lets end without saying so: all of the text would be hidden.
_UNSHOWN = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("style", "script", "title", "xml", "template")
}
#: Only directly behind `=` does a quotation mark open anything: `<p class="a"">` and `<a title=O'Neil>` end at their `>`.
#: What it opens holds no tag: a mark that is never closed would go on to the next tag's, and hide what is said between.
_QUOTED = r""""[^"<]*(?:<(?![a-zA-Z/])[^"<]*)*"|'[^'<]*(?:<(?![a-zA-Z/])[^'<]*)*'"""
#: What stands before the `>` is found once and never given back: by looking ahead, since possessive groups (`*+`) around
#: alternatives give back too much, and so miss tags, in the regular expressions of Python 3.11.2.
_INSIDE = rf"""[^>=]*(?:=\s*(?:{_QUOTED}|[^\s>"'][^\s>]*)?[^>=]*)*"""
_TAG = re.compile(rf"</?[a-zA-Z][^\s/>]*+(?=({_INSIDE}))\1>")
_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_BLANK = re.compile(r"[ \t\r\n]+")
#: A number of a character that no script has; Python refuses to read very long ones.
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")


def without_markup(text: str) -> str:
    """`text` as somebody would read it where it has markup; as it stands where nothing would be left to read."""
    if "<" not in text or not _MARKUP.search(text):
        return text
    return shown(text) or text


def shown(html: str) -> str:
    """HTML as somebody would read it: tags gone, paragraphs and lines kept, entities as characters.

    Where quotes that close in the wrong place hide all of it, tags end at the next `>`.
    """
    return _shown(html, heeds_quotes=True) or _shown(html, heeds_quotes=False)


def _shown(html: str, *, heeds_quotes: bool) -> str:
    reader = _Reader(html, heeds_quotes=heeds_quotes)
    reader.read()
    lines = (line.strip(" \t") for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader:
    """Reads from `<` to `<`. What does not end is text; that something ends nowhere is found out once."""

    def __init__(self, html: str, *, heeds_quotes: bool) -> None:
        self.pieces: list[str] = []
        self._html = html
        self._missing: set[str] = set()
        self._heeds_quotes = heeds_quotes

    def read(self) -> None:
        """Read the whole text; what a reader would see of it goes into `pieces`."""
        at, text_from = self._html.find("<"), 0
        while at >= 0:
            end = self._end_of_markup(at)
            if end > at:
                self._say(text_from, at)
                text_from = self._behind_tag(at, end)
            at = self._html.find("<", max(end, text_from, at + 1))
        self._say(text_from, len(self._html))

    def _end_of_markup(self, at: int) -> int:
        """Where the markup ends that begins here; -1 where none does."""
        if ">" in self._missing:
            return -1
        if self._html.startswith("<!--", at):
            is_conditional = self._html.startswith("<!--[", at)
            end = self._find("-->", at + 2)
            return self._find(">", at) if end < 0 and is_conditional else end
        if self._html.startswith(("<!", "<?"), at):
            return self._find(">", at)
        return self._end_of_tag(at) if _NAME.match(self._html, at) else -1

    def _end_of_tag(self, at: int) -> int:
        """Behind the `>` that stands in no quotes; once some were found that never close, behind the next one."""
        tag = _TAG.match(self._html, at) if self._heeds_quotes else None
        if tag:
            return tag.end()
        self._heeds_quotes = False
        return self._find(">", at)

    def _find(self, mark: str, start: int) -> int:
        """Behind the next such mark; -1 where there is none."""
        found = -1 if mark in self._missing else self._html.find(mark, start)
        if found < 0:
            self._missing.add(mark)
        return found + len(mark) if found >= 0 else -1

    def _behind_tag(self, at: int, end: int) -> int:
        """Where text goes on: of an element that is not shown, at its end tag, if it has one."""
        named = _NAME.match(self._html, at)
        if named is None:
            return end
        tag = named[2].lower()
        self._break(tag, is_end=bool(named[1]))
        is_whole = bool(named[1]) or self._html[end - 2] == "/"
        return end if is_whole or tag not in _UNSHOWN else self._end_of_unshown(tag, end)

    def _end_of_unshown(self, tag: str, start: int) -> int:
        found = None if tag in self._missing else _UNSHOWN[tag].search(self._html, start)
        if found is None:
            self._missing.add(tag)
        return found.start() if found else start

    def _break(self, tag: str, *, is_end: bool) -> None:
        """A tag becomes the break that it makes."""
        if tag.rpartition(":")[2] in _PARAGRAPHS or tag in _LINES:
            self.pieces.append("\n")
        elif tag in _CELLS and not is_end and self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append(" ")

    def _say(self, begin: int, end: int) -> None:
        """Text; line ends within a paragraph are the source's, not the writer's."""
        if begin < end:
            said = unescape(_NO_CHARACTER.sub("\ufffd", self._html[begin:end]))
            self.pieces.append(_BLANK.sub(" ", said))
