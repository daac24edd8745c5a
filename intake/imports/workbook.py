"""The sheets of an xlsx file: its parts, and how they belong together (ECMA-376 Part 1 §12, §18.2).

Read by hand, since neither of the libraries that were measured serves (decision 22): one holds the whole sheet in memory and
reads an error as nothing, the other takes three times as long and refuses workbooks for their colours.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from intake.core.files.active_content import UNPACKED_BIT_BY_BIT
from intake.core.files.archives import unpack_to_too_much
from intake.imports.cells import unescaped
from intake.imports.formats import shape_of

#: What a part is written in (ECMA-376 Part 2 §9.1.4 names the first two).
_READ_ALWAYS = frozenset(("UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE"))
#: Bytes read at a time. Project choice.
CHUNK = 1 << 16
_MAIN = "xl/workbook.xml"
#: Digits of whatever is counted in a workbook: rows, styles, texts (project choice: more than a billion of them nobody has).
_MOST_DIGITS = 9
#: Formats that show a date in East Asian programs, and that openpyxl's list lacks (ECMA-376 Part 1 §18.8.30).
_EAST_ASIAN_DATES = frozenset((*range(27, 37), *range(50, 59)))


class NotAWorkbook(Exception):
    """A file that is no xlsx workbook, whatever it is called."""


#: What the parts of a file raise that is damaged, encrypted or no workbook at all.
BROKEN = (
    NotAWorkbook, zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError,
    UnicodeDecodeError, OverflowError,
)  # fmt: skip


class WorkbookTooLarge(Exception):
    """A workbook that unpacks to more than anybody would send."""


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet as the workbook lists it. `part`: where its cells are; None where it holds none, such as a chart."""

    name: str
    is_hidden: bool
    part: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged cells of a sheet. `down`: by column its first and last row; `across`: by row its first and last column."""

    down: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    across: dict[int, set[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook: its sheets, and what their cells refer to."""

    parts: "PackageParts"
    sheets: tuple[SheetEntry, ...]
    strings: list[str]
    #: By number of a cell's style: whether it shows a date.
    shows_date: tuple[bool, ...]
    #: By number of a cell's style: how it shows a whole number, where otherwise than as it is (`formats.py`).
    shapes: tuple[str, ...]
    epoch: datetime
    #: The program that wrote it left every formula to whoever opens it: a 0 may be no result.
    is_uncomputed: bool
    #: By part: what is merged, once it was looked for.
    merges: dict[str, Merged] = field(default_factory=dict)


class PackageParts:
    """The parts of the package by name, however an odd program wrote their names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with zipfile.ZipFile(path) as package:
            _check_size(package)
            self._names = {_plain(name): name for name in package.namelist()}

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._names

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The part, unpacked while it is read."""
        if name not in self:
            raise NotAWorkbook
        with zipfile.ZipFile(self._path) as package, package.open(self._names[_plain(name)]) as part:
            yield part


def load_workbook(path: Path) -> Workbook:
    """The workbook in this file, its cells unread.

    Raises:
        NotAWorkbook: it lacks a part; or one of `BROKEN`.
        WorkbookTooLarge: it unpacks to too much.
    """
    parts = PackageParts(path)
    main = _main_part(parts)
    related = _relations(parts, main)
    by_kind = dict(related.values())
    listed = _Listed(related)
    parse(parts, main, listed.begin)
    if not listed.sheets:
        raise NotAWorkbook
    styles = _styles(parts, by_kind.get("styles"))
    return Workbook(
        parts=parts,
        sheets=tuple(listed.sheets),
        strings=_shared_strings(parts, by_kind.get("sharedStrings")),
        shows_date=tuple(_is_date(number, code) for number, code in styles),
        shapes=tuple(shape_of(code) for _, code in styles),
        epoch=CALENDAR_MAC_1904 if listed.is_1904 else CALENDAR_WINDOWS_1900,
        is_uncomputed=listed.is_uncomputed,
    )


def _check_size(package: zipfile.ZipFile) -> None:
    """Refuse what becomes too large, or may without saying so."""
    listed = package.infolist()
    if any(part.compress_type not in UNPACKED_BIT_BY_BIT for part in listed):
        raise NotAWorkbook
    if unpack_to_too_much(listed):
        raise WorkbookTooLarge


def _main_part(parts: PackageParts) -> str:
    found = dict(_relations(parts, "").values())
    return found.get("officeDocument", _MAIN)


def _relations(parts: PackageParts, of: str) -> Mapping[str, tuple[str, str]]:
    """By id: what kind of part, and where it is."""
    folder, name = posixpath.split(of)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    if listing not in parts:
        return found

    def begin(tag: str, said: Mapping[str, str]) -> None:
        if tag == "Relationship":
            target = posixpath.normpath(
                posixpath.join("/", folder, said.get("Target", "").replace("\\", "/"))
            )
            found[said.get("Id", "")] = (said.get("Type", "").rpartition("/")[2], target.lstrip("/"))

    parse(parts, listing, begin)
    return found


class _Listed:
    """What the workbook's own part says of its sheets."""

    def __init__(self, related: Mapping[str, tuple[str, str]]) -> None:
        self._related = related
        self.sheets: list[SheetEntry] = []
        self.is_1904 = False
        self.is_uncomputed = False

    def begin(self, tag: str, said: Mapping[str, str]) -> None:
        """An element begins: called with its tag and attributes."""
        if tag == "workbookPr":
            self.is_1904 = said.get("date1904", "0") in ("1", "true")
        elif tag == "calcPr":
            self.is_uncomputed = said.get("fullCalcOnLoad", "0") in ("1", "true")
        elif tag == "sheet":
            # The prefix of `r:id` is the writer's choice.
            relation = next((value for name, value in said.items() if name.rpartition(":")[2] == "id"), "")
            kind, part = self._related.get(relation, ("", ""))
            hidden = said.get("state", "visible") != "visible"
            self.sheets.append(
                SheetEntry(unescaped(said.get("name", "")), hidden, part if kind == "worksheet" else None)
            )


def _shared_strings(parts: PackageParts, part: str | None) -> list[str]:
    if part is None or part not in parts:
        return []
    strings = _Strings()
    parse(parts, part, strings.begin, strings.end, strings.text)
    return strings.found


class _Strings:
    """Texts that cells refer to by number; how an East Asian word is read aloud (`rPh`) is no part of it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._reads = False
        self._aside = False

    def begin(self, tag: str, _said: Mapping[str, str]) -> None:
        """An element begins: called with its tag and attributes."""
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._aside = True
        elif tag == "t":
            self._reads = not self._aside

    def end(self, tag: str) -> None:
        """An element ends: what it held is complete."""
        if tag == "si":
            self.found.append(unescaped("".join(self._pieces)))
        elif tag == "rPh":
            self._aside = False
        elif tag == "t":
            self._reads = False

    def text(self, text: str) -> None:
        """Characters of the element that is open now."""
        if self._reads:
            self._pieces.append(text)


def _styles(parts: PackageParts, part: str | None) -> Sequence[tuple[int, str | None]]:
    """Of each style the number of its format, and its code where it is no usual one."""
    if part is None or part not in parts:
        return ()
    own: dict[int, str] = {}
    used: list[int] = []
    within = [""]

    def begin(tag: str, said: Mapping[str, str]) -> None:
        if tag == "numFmt":
            own[whole(said.get("numFmtId"))] = said.get("formatCode", "")
        elif tag == "cellXfs":
            within[0] = tag
        elif tag == "xf" and within[0]:
            used.append(whole(said.get("numFmtId")))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            within[0] = ""

    parse(parts, part, begin, end)
    return [(number, own.get(number)) for number in used]


def _is_date(number: int, code: str | None) -> bool:
    if code is None:
        return number in _EAST_ASIAN_DATES or bool(is_date_format(BUILTIN_FORMATS.get(number, "General")))
    return bool(is_date_format(code)) or any(unit in code for unit in "年月日")


def whole(text: str | None, otherwise: int = 0) -> int:
    """A number within a workbook that counts something; `otherwise` where it says none, or one that nothing counts to."""
    is_one = text is not None and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if text is not None and is_one else otherwise


def _no_end(tag: str) -> None:
    """Do nothing at an element's end, for readers that need none."""


def _no_text(text: str) -> None:
    """Do nothing about characters, for readers that need none."""


def parse(
    parts: PackageParts,
    part: str,
    begin: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] = _no_end,
    text: Callable[[str], None] = _no_text,
) -> None:
    """Read one part to its end; elements are named without their prefix."""
    for _ in portions(parts, part, begin, end, text):
        pass


def portions(
    parts: PackageParts,
    part: str,
    begin: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Read one part, a portion at each step."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    # No spreadsheet program declares entities; who does wants one to become a billion.
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _refuse_encoding
    parser.StartElementHandler = lambda name, said: begin(name.rpartition(":")[2], said)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    with parts.open(part) as content:
        for chunk in iter(partial(content.read, CHUNK), b""):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield


def _refuse(*_: object) -> None:
    raise NotAWorkbook


def _refuse_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    """Of one that the parser cannot read, unknown or of several bytes a character, it would say so in its own way."""
    if encoding is None or encoding.upper() in _READ_ALWAYS:
        return
    try:
        characters = bytes(range(256)).decode(encoding, "replace")
    except (LookupError, ValueError):
        characters = ""
    if len(characters) != len(bytes(range(256))):
        raise NotAWorkbook


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
