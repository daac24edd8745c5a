"""Which files are taken, what they are called, and who may fetch one: by its content, cleaned, and by a signed ticket."""

import base64
import binascii
import hmac
import re
import unicodedata
import zipfile
from datetime import datetime, timedelta
from functools import partial
from typing import IO, NamedTuple

import msgspec

from schemas.errors import NotFound, Unavailable
from schemas.http import Principal
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.words import Language, Role

#: Project choices. A name fits into a line; a ticket outlives the page that shows it by little, and a look at each picture.
NAME_LIMIT = 100
TICKET_KEPT_FOR = timedelta(minutes=10)
#: How long after its upload a file may be named by a message (project choice: a form left open overnight still works).
NAMED_WITHIN = timedelta(days=1)
#: How long a file waits for its message: a message may itself wait in Kafka for seven days, and none is lost by a file.
KEPT_WAITING_FOR = NAMED_WITHIN + timedelta(days=8)
#: And one that no message names, once all messages of its day are registered (project choice: clocks differ).
UNNAMED_KEPT_FOR = NAMED_WITHIN + timedelta(hours=1)
#: Of the room for files that wait, what strangers may fill together, and one of them alone (project choices: the rest is
#: there for departments, letters and hotlines; a twentieth is five full messages that are not sent yet).
STRANGERS_SHARE = 0.75
ONE_SHARE = 0.05
#: Bytes that tell what a file is (project choice: no signature that is looked for is longer).
HEAD_BYTES = 32
#: Of an office file's list of entries (project choice): what is longer is no letter and no table.
_LISTING = 512 * 1024
#: How an archive's last record begins, and how long it is without a remark. Source: APPNOTE 6.3.10 §4.3.16.
_END_RECORD = b"PK\x05\x06"
_END_BYTES = 22
#: How a compound file begins, and what the part of one is called that holds an encrypted office file. Sources: [MS-CFB]
#: §2.2, [MS-OFFCRYPTO] §2.3.4.4.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class WaitingFilesFull(Unavailable):
    """Files whose messages have not come take all the room for such: whose share, say `ONE_SHARE` and `STRANGERS_SHARE`."""

    zh = "等待提交的附件已占满暂存空间，这个文件没有保存。可先不带附件提交，或过些时候再试。"
    en = "Files that wait for their messages take all the room for such; this one was not kept. Submit without it, or later."


class FileKind(NamedTuple):
    """A kind of file that is taken: its media type, the ending of its name, and what people call it."""

    type: str
    ending: str
    zh: str
    en: str

    @property
    def is_picture(self) -> bool:
        """Whether it is made anew before it is kept."""
        return self.type.startswith("image/")


JPEG = FileKind("image/jpeg", ".jpg", "JPEG 图片", "JPEG pictures")
PNG = FileKind("image/png", ".png", "PNG 图片", "PNG pictures")
WEBP = FileKind("image/webp", ".webp", "WebP 图片", "WebP pictures")
PDF = FileKind("application/pdf", ".pdf", "PDF", "PDF")
DOCX = FileKind(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", "docx 文档", "docx"
)
XLSX = FileKind(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "xlsx 表格", "xlsx"
)
MP3 = FileKind("audio/mpeg", ".mp3", "MP3 录音", "MP3 recordings")
M4A = FileKind("audio/mp4", ".m4a", "M4A 录音", "M4A recordings")
WAV = FileKind("audio/wav", ".wav", "WAV 录音", "WAV recordings")
AMR = FileKind("audio/amr", ".amr", "AMR 录音", "AMR recordings")
MP4 = FileKind("video/mp4", ".mp4", "MP4 视频", "MP4 films")
#: All there are. No SVG, no HTML, nothing that runs; office files of the kinds that hold no macros.
KINDS = (JPEG, PNG, WEBP, PDF, DOCX, XLSX, MP3, M4A, WAV, AMR, MP4)

_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"\xff\xf2", MP3),
    (b"#!AMR", AMR),
)
_RIFF = {b"WEBP": WEBP, b"WAVE": WAV}
_SOUND_BRANDS = (b"M4A ", b"M4B ")
#: Source: ISO/IEC 23008-12, annex B: pictures coded with HEVC, and collections of them.
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_FILM_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"qt  ",
    b"3gp4",
    b"3gp5",
)
_OFFICE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}


def kinds_in_words(language: Language) -> str:
    """The kinds that are taken, for people."""
    return language.choose("、", ", ").join(language.choose(kind.zh, kind.en) for kind in KINDS)


def kind_of(file: IO[bytes]) -> FileKind | None:
    """What the file is by its content; None where it is nothing that is taken. Its name and its sender are not asked."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(file)
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return M4A if brand in _SOUND_BRANDS else MP4 if brand in _FILM_BRANDS else None
    return next((kind for start, kind in _STARTS if head.startswith(start)), None)


def is_telephone_picture(file: IO[bytes]) -> bool:
    """Whether it is a HEIC picture, as iPhones keep them unless told otherwise: of no kind that is taken."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


def needs_password(file: IO[bytes]) -> bool:
    """Whether it is an office file that its sender encrypted: of no kind that is taken, whatever is in it."""
    file.seek(0)
    if file.read(len(_COMPOUND)) != _COMPOUND:
        return False
    before = b""
    for piece in iter(partial(file.read, _LISTING), b""):
        if _ENCRYPTED in before + piece:
            return True
        before = piece[-len(_ENCRYPTED) :]
    return False


def _office_kind(file: IO[bytes]) -> FileKind | None:
    """Of a zip archive: what office suites say that it is, and only where it holds no macros and nothing that runs."""
    if _listing_bytes(file) > _LISTING:
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        return None
    if "[Content_Types].xml" not in names or any(map(_may_run, names)):
        return None
    return next((kind for name, kind in _OFFICE.items() if name in names), None)


def _listing_bytes(file: IO[bytes]) -> int:
    """How long the archive's list of entries says it is, before anybody unpacks it; endless where that is told in 64 bits.

    Source: APPNOTE 6.3.10 §4.3.15 and §4.3.16.
    """
    end = file.seek(0, 2)
    # A record with the longest remark, and what stands before it where sizes are told in 64 bits.
    file.seek(max(0, end - 65_600))
    tail = file.read()
    place = _end_record(tail)
    if not 0 <= place <= len(tail) - _END_BYTES or b"PK\x06\x07" in tail:
        return _LISTING + 1
    return int.from_bytes(tail[place + 12 : place + 16], "little")


def _end_record(tail: bytes) -> int:
    """Where the archive's last record begins: as the library looks for it, lest it unpack by another; -1 where none does.

    What looks like a record may stand within one, as its number of the listing's place.
    """
    last = tail[-_END_BYTES:]
    if last.startswith(_END_RECORD) and last.endswith(b"\0\0"):
        return len(tail) - _END_BYTES
    return tail.rfind(_END_RECORD)


def _may_run(name: str) -> bool:
    lowered = name.lower()
    return "vba" in lowered or "activex" in lowered or "/embeddings/" in lowered


#: What no name shows: controls, halves of surrogate pairs, what turns the direction of writing, private use.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSAFE = re.compile(r'[<>:"|?*`$&;%\\/]+')


def clean_name(name: str, kind: FileKind) -> str:
    """What the file is called from now on: no path, nothing invisible, no more than a line, and the ending of its kind."""
    shown = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(" " if letter.isspace() else letter for letter in shown)
    shown = "".join(letter for letter in shown if unicodedata.category(letter) not in _HIDDEN)
    shown = " ".join(_UNSAFE.sub("_", shown).split()).strip(". ")
    stem, dot, ending = shown.rpartition(".")
    if dot and len(ending) <= 5 and ending.isascii():
        shown = stem.strip(". ")
    room = NAME_LIMIT - len(kind.ending)
    return f"{shown[:room].strip() or '附件'}{kind.ending}"


class Ticket(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The right to fetch one file of one case for some minutes: whose it is, and which picture of it."""

    attachment_id: AttachmentId
    case_id: CaseId
    #: Seconds since 1970.
    ends: int
    is_thumbnail: bool
    role: Role
    name: str
    department: DepartmentCode | None
    #: Of a citizen, who has no name: a keyed hash of what their browser or program alone knows.
    holder: str = ""

    @property
    def viewer(self) -> Principal:
        """Who was shown the case."""
        return Principal(role=self.role, name=self.name, department=self.department)


_encode = msgspec.json.Encoder().encode
_tickets = msgspec.json.Decoder(Ticket)
# What HMAC-SHA256 makes (FIPS 198-1, 180-4).
_MAC_BYTES = 32


def signed(ticket: Ticket, key: bytes) -> str:
    """The ticket as an address holds it: nobody without the key makes one, or another out of it."""
    plain = _encode(ticket)
    return base64.urlsafe_b64encode(_mac(plain, key) + plain).rstrip(b"=").decode()


def opened(said: str, attachment_id: str, now: datetime, key: bytes) -> Ticket:
    """The ticket that `said` is, for that file, at that moment.

    Raises:
        NotFound: not ours, for another file, or over; which of them is not said.
    """
    try:
        raw = base64.urlsafe_b64decode(said.encode("ascii") + b"=" * (-len(said) % 4))
    except (binascii.Error, ValueError) as error:
        raise NotFound from error
    mac, plain = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(plain, key)):
        raise NotFound
    ticket = _tickets.decode(plain)
    if ticket.attachment_id != attachment_id or now.timestamp() >= ticket.ends:
        raise NotFound
    return ticket


def holder_of(secret: str, key: bytes) -> str:
    """A keyed hash of somebody who knows `secret`, for a ticket; it reveals nothing of the secret."""
    return hmac.digest(key, b"holder\0" + secret.encode(), "sha256")[:16].hex() if secret else ""


def _mac(plain: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"ticket\0" + plain, "sha256")


def attachment_id_of(key: bytes, said: str, sha256: bytes, name: str) -> AttachmentId:
    """The id of a file that came with the idempotency key `said`: the same for the same file, whenever it comes again.

    Without a key of its sender's own it would tell whether somebody else has sent the same file.
    """
    digest = hmac.digest(key, b"file\0" + _encode([said, sha256.hex(), name]), "sha256").hex()
    return uuid_of(digest)


def uploader_of(key: bytes, caller: str) -> bytes | None:
    """A keyed hash of the sender of a file, kept until a case gets it; the address cannot be found without the key."""
    return hmac.digest(key, b"uploader\0" + caller.encode(), "sha256")[:16] if caller else None


def uuid_of(digits: str) -> AttachmentId:
    """An id of 32 hexadecimal digits at least, as all our ids are written (RFC 9562 §5.8, version 8)."""
    spelled = f"{digits[:12]}8{digits[13:16]}a{digits[17:32]}"
    return AttachmentId(f"{spelled[:8]}-{spelled[8:12]}-{spelled[12:16]}-{spelled[16:20]}-{spelled[20:]}")
