"""What a file would do by itself when somebody opens it: load something from elsewhere, or run.

Office files and PDF alone can; pictures are made anew, and sounds and films are only played. It is looked for where programs
that open such files look. What is packed in a way that cannot be read here (an encrypted PDF's objects, say) is said to be.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import IO
from urllib.parse import unquote
from xml.parsers import expat

from intake.core.files.attachments import DOCX, PDF, XLSX, FileKind

#: Of what says how the parts of an office file belong together, unpacked (project choice: a long letter with a hundred
#: pictures has 20 KB of it); and of a workbook's links, with what they keep of other workbooks (project choice).
_RELATIONS_BYTES = 4 * 1024 * 1024
_LINKS_BYTES = 4 * 1024 * 1024
#: Of an archive's parts, those that zipfile unpacks as far as it is asked to; of any other kind it unpacks at once all that
#: was read, gigabytes perhaps. Office programs write no others (ECMA-376 part 2, annex B).
UNPACKED_BIT_BY_BIT = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: What an archive raises that is none, or was damaged, and its lists (ValueError: also of what cannot be decoded).
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, ValueError, OSError, NotImplementedError, RuntimeError,
    EOFError, OverflowError, LookupError,
)  # fmt: skip
#: What a part may be to another that runs, or loads by itself: the last word of the relationship's type. Sources: ECMA-376
#: part 1 §§11-15, [MS-OFFMACRO2], [MS-OWEXML].
_ACTIVE = frozenset(
    {
        "afchunk",
        "attachedtoolbars",
        "connections",
        "control",
        "customui",
        "extensibility",
        "oleobject",
        "package",
        "vbaproject",
        "webextension",
        "webextensiontaskpanes",
        "xlintlmacrosheet",
        "xlmacrosheet",
    }
)
#: Where a workbook's links stand, whatever they are called (ECMA-376 part 1 §18.14), and what a relationship calls them.
_LINKS = re.compile(r"xl/externallinks/[^/]+$")
_LINK = "externallink"
#: A place on the reader's own disk, or beside the file: nobody else hears of it.
_NEAR = re.compile(r"(?:file:/{0,3})?[a-z]:[\\/]|(?:file:///|/)?[^:\\/][^:\\]*$", re.IGNORECASE)

#: Bytes of a PDF that are looked at in one go (project choice: nobody waits for so much), and how much of each is looked at
#: again: longer than any name.
_PIECE = 256 * 1024
_OVERLAP = 2048
#: Of a PDF's packed objects, unpacked, how many streams of them, and how many of any kind (project choices): what has more
#: is no letter; and how much of each is read at once. Of what is drawn so much is looked through, and no more.
_PACKED_BYTES = 64 * 1024 * 1024
_MOST_PACKED = 5000
_MOST_STREAMS = 100_000
_PACKED_PIECE = 16 * 1024


def _named(name: str) -> bytes:
    """A name in a PDF, any of whose letters may be written as `#` and two digits. Source: ISO 32000-1 §7.3.5."""
    letters = (rf"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in name)
    return ("/" + "".join(letters) + r"(?![A-Za-z0-9_#-])").encode()


#: Actions that run, load or send; whatever else a document opens, its reader is asked. Source: ISO 32000-1 §12.6.4.
_RUNS = re.compile(
    b"|".join(
        map(_named, ("JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "RichMedia"))
    )
)
#: What says of the stream behind it that objects are packed in it, or that they are packed in one way more; where another
#: object begins; and where a stream does (ISO 32000-1 §7.3.8.1; readers take blanks and a lone carriage return as well).
_MARK = re.compile(
    rb"(?P<packed>" + _named("ObjStm") + rb")"
    rb"|(?P<again>" + _named("DecodeParms") + rb"(?![\s\0]*(?:null\b|\[[\s\0]*null[\s\0]*\])))"
    rb"|(?P<object>obj(?![A-Za-z]))|(?<!end)stream[ \t\0\f]*(?:\r\n?|\n)"
)  # fmt: skip
#: How packed objects begin: with pairs of their numbers and places, and an object behind these (ISO 32000-1 §7.5.7), remarks
#: perhaps in between. What is drawn has a letter there: `1 0 0 1 72 720 cm`.
_BLANKS = rb"(?:[\s\0]|%[^\r\n]*+(?:[\r\n]|\Z))*+"
_OBJECTS = re.compile(_BLANKS + rb"(?:\+?\d++" + _BLANKS + rb"){2,}+(?:[<(\[/]|(?:true|false|null)\b|\Z)")
#: How both begin.
_NUMBER = re.compile(_BLANKS + rb"[-+.\d]++(?:[\s\0%]|\Z)")
#: The same, not packed at all: it was looked at as it stands.
_PLAIN = re.compile(rb"[\s\0]*\d+\s+\d+\s")
#: Of a stream, packed, to see how it begins (project choice: a zlib header, its tables and the first numbers).
_BEGINNING = 512


class CannotBeRead(Exception):
    """What a PDF holds is encrypted, or packed in a way that nobody here can undo: whether it would run nobody knows."""


def is_active(file: IO[bytes], kind: FileKind) -> bool:
    """Whether the file, which is of this kind, would load something or run when it is opened.

    Raises:
        CannotBeRead: nobody can say.
    """
    look = _LOOKS.get(kind)
    return look is not None and look(file)


def _is_active_office(file: IO[bytes]) -> bool:
    """Also where that cannot be told: two parts of one name, or one that only its sender can unpack."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            # Folders have entries of their own where people pack, and are no parts.
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            parts = {_clean(entry.filename): entry for entry in entries}
            relations = [entry for entry in entries if entry.filename.lower().endswith(".rels")]
            if len(parts) < len(entries) or not _are_small(relations, _RELATIONS_BYTES):
                return True
            said = [(each.filename, relation) for each in relations for relation in _relations(archive, each)]
            if any(_is_active_relation(relation) for _, relation in said):
                return True
            linked = {_part(source, relation) for source, relation in said if _word(relation) == _LINK}
            links = [parts[name] for name in linked.union(filter(_LINKS.match, parts))]
            return not _are_small(links, _LINKS_BYTES) or any(_runs_beside(archive, each) for each in links)
    except _UNREADABLE:
        return True


def _clean(name: str) -> str:
    """A part's name, as programs find it."""
    return posixpath.normpath(name.replace("\\", "/").lower()).lstrip("/")


def _part(source: str, relation: Mapping[str, str]) -> str:
    """Of which part a relationship is that stands in `source`: beside it, or from the root."""
    folder = posixpath.dirname(posixpath.dirname(_clean(source)))
    target = unquote(relation.get("Target", "")).replace("\\", "/").partition("#")[0]
    return _clean(posixpath.join("/", folder, target))


def _runs_beside(archive: zipfile.ZipFile, link: zipfile.ZipInfo) -> bool:
    """Whether a workbook's link is to a program, which starts when it is opened."""
    return any(tag == "ddeLink" for tag, _ in _elements(archive, link))


def _are_small(parts: Sequence[zipfile.ZipInfo], most: int) -> bool:
    """Whether no more than so much is ever unpacked of them, whatever their sender says of their size."""
    said = sum(each.file_size for each in parts)
    return said <= most and all(each.compress_type in UNPACKED_BIT_BY_BIT for each in parts)


def _relations(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[Mapping[str, str]]:
    return (attributes for tag, attributes in _elements(archive, part) if tag == "Relationship")


def _elements(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The tags of a part, as they come.

    Raises:
        ValueError, expat.ExpatError: it is none, or says more than it may.
    """
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        found.append((tag.rpartition(" ")[2], attributes))

    def refuse(*_: object) -> None:
        raise ValueError

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    with archive.open(part) as content:
        for piece in iter(partial(content.read, _PACKED_PIECE), b""):
            parser.Parse(piece, False)
            yield from found
            found.clear()
    parser.Parse(b"", True)
    yield from found


def _word(relation: Mapping[str, str]) -> str:
    return relation.get("Type", "").rpartition("/")[2].lower()


def _is_active_relation(said: Mapping[str, str]) -> bool:
    kind = _word(said)
    if said.get("TargetMode", "").lower() != "external":
        return kind in _ACTIVE
    target = said.get("Target", "")
    # A link is followed by whoever presses it; all else is fetched as the file opens, by its name as it stands or decoded.
    return kind != "hyperlink" and not (_is_near(target) and _is_near(unquote(target)))


def _is_near(target: str) -> bool:
    # Programs leave out what cannot be seen: with a tab between its strokes, `//` begins another machine's name as well.
    seen = "".join(letter for letter in target if letter.isprintable() and not letter.isspace())
    return _NEAR.match(seen) is not None


def _is_active_pdf(file: IO[bytes]) -> bool:
    plain = (piece for _, piece in _overlapping(file))
    return any(map(_RUNS.search, plain)) or _runs_packed(file)


def _overlapping(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The file piece by piece, and where each begins: with the end of the one before, so that nothing is divided."""
    place, before = 0, b""
    file.seek(0)
    while read := file.read(_PIECE):
        piece = before + read
        yield place, piece
        before = piece[-_OVERLAP:]
        place += len(piece) - len(before)


def _runs_packed(file: IO[bytes]) -> bool:
    """Whether something that runs is packed into streams of objects; or more is than anybody looks through.

    Raises:
        CannotBeRead: one of them is not packed as others pack it.
    """
    streams = list(islice(_streams(file), _MOST_STREAMS + 1))
    if len(streams) > _MOST_STREAMS:
        return True
    objects: list[int] = []
    drawings: list[int] = []
    for place, is_said in streams:
        begins = _beginning(file, place, is_said=is_said)
        if begins is not None and (is_said or _OBJECTS.match(begins)):
            objects.append(place)
        elif begins is not None and _NUMBER.match(begins):
            drawings.append(place)
    return len(objects) > _MOST_PACKED or _runs_objects(file, objects) or _runs_drawn(file, drawings)


def _beginning(file: IO[bytes], place: int, *, is_said: bool) -> bytes | None:
    """How begins what is packed there, whatever is said of it: a list of what a stream is may hide that in remarks.

    Raises:
        CannotBeRead: objects are said to be there, and cannot be seen.
    """
    file.seek(place)
    packed = file.read(_BEGINNING)
    try:
        return zlib.decompressobj().decompress(packed, _BEGINNING)
    except zlib.error as error:
        if is_said and not _PLAIN.match(packed):
            raise CannotBeRead from error
        return None


def _runs_objects(file: IO[bytes], places: Sequence[int]) -> bool:
    room = _PACKED_BYTES
    for place in places:
        for objects in _unpacked(file, place):
            room -= len(objects)
            if room < 0 or _RUNS.search(objects):
                return True
    return False


def _runs_drawn(file: IO[bytes], places: Sequence[int]) -> bool:
    """The same of what seems to be drawn: however much it is, and damaged or not, pages are no reason to refuse."""
    room = _PACKED_BYTES
    for place in places:
        with suppress(CannotBeRead):
            for drawn in _unpacked(file, place):
                room -= len(drawn)
                if _RUNS.search(drawn):
                    return True
                if room < 0:
                    return False
    return False


def _unpacked(file: IO[bytes], place: int) -> Iterator[bytes]:
    """What is packed from there on, as far as the file goes; each piece begins with the end of the one before.

    Raises:
        CannotBeRead: it is damaged, and readers differ in what they make of it.
    """
    file.seek(place)
    unpacking, before, packed = zlib.decompressobj(), b"", b"..."
    while packed and not unpacking.eof:
        packed = unpacking.unconsumed_tail or file.read(_PACKED_PIECE)
        try:
            objects = unpacking.decompress(packed, _PIECE)
        except zlib.error as error:
            raise CannotBeRead from error
        yield before + objects
        before = objects[-_OVERLAP:]


def _streams(file: IO[bytes]) -> Iterator[tuple[int, bool]]:
    """Where the bytes of each stream begin, and whether its object says that objects are packed in it.

    Raises:
        CannotBeRead: it says so, and that they are packed in one way more.
    """
    last, is_said, is_again = 0, False, False
    for start, piece in _overlapping(file):
        for found in _MARK.finditer(piece):
            place = start + found.end()
            # What ends where the piece does may go on, and stands in the next one, too.
            if place <= last or found.end() == len(piece):
                continue
            last = place
            if found["again"]:
                is_again = True
            elif found["packed"] or found["object"]:
                is_said = bool(found["packed"])
            elif is_said and is_again:
                raise CannotBeRead
            else:
                yield place, is_said
                is_said = is_again = False


_LOOKS: Mapping[FileKind, Callable[[IO[bytes]], bool]] = {
    DOCX: _is_active_office,
    XLSX: _is_active_office,
    PDF: _is_active_pdf,
}
