"""A letter by e-mail (RFC 5322) as a message: who wrote what, what came with it, and whether a person wrote it at all."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32, Policy
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from itertools import count, islice
from typing import Any

import msgspec

from intake.core.letters.automatic import may_be_answered, says_it_is_automatic, why_automatic
from intake.core.letters.letter_text import decoded
from intake.core.markup import shown

#: What a letter may be broken by, in ways that the library does not expect.
_BROKEN = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    HeaderParseError,
    RecursionError,
)
#: What an answer can be sent to: no space, no bracket, no second address.
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]+@[^\s<>,;:\"()\[\]\\@]+")
#: Whom an answer reaches, and nobody else (RFC 5321 §4.1.2, RFC 1035 §2.3.1): an encoded word (RFC 2047) in it is read as
#: another address by whatever sends it.
_ANSWERED = re.compile(
    r"(?!.*=\?)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*",
    re.ASCII,
)
#: What a program writes in place of the text that it wrote as HTML alone.
_SEE_HTML = re.compile(
    r"multi-?part message|in html|html[ -]?(?:format|mail|格式|邮件)|不支持 ?html|纯文本.{0,12}(?:查看|显示)",
    re.IGNORECASE,
)
#: Characters of such a text at most. Project choice.
_STUB = 200
#: Characters of one header that are read, and parts of one letter. Project choices: programs write hundreds of either at
#: most, and the library's work on a header grows with the square of its length.
_HEADER_CHARACTERS = 4000
_MOST_PARTS = 1000
#: The library compares each line with the end of each part that is open. Such comparisons at most, and parts in all (project
#: choices: some ten seconds of either, and a letter of 50 MB may hold others eighty deep).
_MOST_COMPARED = 50_000_000
_MOST_MADE = 20_000
#: Bytes of a letter that the library cannot read which are kept as its text (project choice: more than anybody writes).
_KEPT_BYTES = 256 * 1024


class _BoundedHeaders(Compat32):
    """The library's own way of reading headers; of one that hardly ends its beginning."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """As the library calls it: name and value of one header, whose lines these are."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER_CHARACTERS]


_BOUNDED = _BoundedHeaders()


class _Part(Message):
    """A letter, or a part of one, that stops the library where another would keep it, and all letters behind, for hours.

    `most_within`: how deep others may lie within it; `made`: counts those of the whole letter.
    """

    def __init__(self, policy: "Policy[Any]", *, most_within: int, made: Iterator[int]) -> None:
        if next(made) > _MOST_MADE:
            raise ValueError("parts without end")
        super().__init__(policy)
        self._most_within = most_within

    def attach(self, payload: Any) -> None:
        """As the library calls it when it begins to read a part of this one."""
        if self._most_within == 0:
            raise ValueError("parts within parts")
        payload._most_within = self._most_within - 1
        super().attach(payload)


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a letter."""

    name: str
    content: bytes = msgspec.field()


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter, read. `message_id`: what its sender calls it, or what it is known by where they call it nothing."""

    message_id: str
    #: Lower case; empty where nobody says.
    sender: str
    sender_name: str = ""
    said_at: datetime | None = None
    subject: str = ""
    text: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    #: It was too large to be read whole, or could not be: nothing that it encloses is here.
    is_cut: bool = False
    #: Why it is no person's: a word; empty where it may be.
    automatic: str = ""
    #: Whether something that answers by itself may answer it.
    is_answerable: bool = True


def read_letter(raw: bytes, *, own_address: str = "") -> Letter:
    """The letter in `raw`, whatever is wrong with it: what cannot be read stands as it is.

    `own_address`: ours; what comes from there went round in a circle.
    """
    known_by = f"<{hashlib.sha256(raw).hexdigest()}>"
    own_address = own_address.lower()
    try:
        mail = _parsed(raw)
        return _read(mail, *_parts(mail), known_by, own_address)
    except _BROKEN:
        return _read_head(raw, known_by, own_address)


def _parsed(raw: bytes) -> Message:
    """The letter as the library reads it.

    Raises:
        ValueError: parts within parts, or without end.
    """
    lines = max(raw.count(b"\n"), raw.count(b"\r"), 1)
    part = partial(_Part, most_within=_MOST_COMPARED // lines, made=count())
    return message_from_bytes(raw, part, policy=_BOUNDED)


def _read_head(raw: bytes, known_by: str, own_address: str) -> Letter:
    """Who wrote a letter, and about what, that cannot be read whole: they hear that it came. The rest stands as it is."""
    head = raw[:_KEPT_BYTES]
    said = decoded(head, None)
    try:
        mail = BytesHeaderParser(policy=_BOUNDED).parsebytes(head)
        letter = _read(mail, [said], [], known_by, own_address)
    except _BROKEN:
        letter = Letter(message_id=known_by, sender="", text=said, is_answerable=False)
    return msgspec.structs.replace(letter, subject=letter.subject or "无法解析的邮件", is_cut=True)


def letter_digest(letter: Letter) -> bytes:
    """The same for the same letter, however often and by whatever way it arrives: a hash of all that its sender wrote."""
    said_at = letter.said_at and letter.said_at.isoformat()
    files = [(each.name, hashlib.sha256(each.content).hexdigest()) for each in letter.enclosures]
    said = (letter.message_id, letter.sender, said_at, letter.subject, letter.text, files)
    return hashlib.sha256(json.dumps(said).encode()).digest()


def _read(
    mail: Message, texts: Sequence[str], enclosures: Sequence[Enclosure], known_by: str, own_address: str
) -> Letter:
    name, sender = _writer(mail)
    headers = _headers(mail)
    subject = " ".join(headers.get("subject", "").split())
    text = "\n\n".join(filter(None, (each.strip() for each in texts)))
    automatic = why_automatic(mail, headers, sender, own_address)
    if not automatic and says_it_is_automatic(subject, text):
        automatic = "by-its-words"
    return Letter(
        message_id=headers.get("message-id", "").strip()[:200] or known_by,
        sender=sender,
        sender_name=" ".join(name.split()),
        said_at=_moment(headers.get("date", "")),
        subject=subject,
        text=text,
        enclosures=tuple(enclosures),
        automatic=automatic,
        is_answerable=not automatic and _ANSWERED.fullmatch(sender) is not None and may_be_answered(headers),
    )


def _writer(mail: Message) -> tuple[str, str]:
    """Name and address, found before encoded words are read: what stands in a name is no address."""
    said = _unfolded(next((str(value) for key, value in mail.raw_items() if key.lower() == "from"), ""))
    name, address = _first_address(said)
    if not address.isascii():
        name, address = _first_address(_in_characters(said))
    found = address.strip().lower()
    return _in_characters(name), found if _ADDRESS.fullmatch(found) else ""


def _first_address(said: str) -> tuple[str, str]:
    """Name and address of the first whom a letter is from; `parseaddr` of newer Pythons finds nobody where there are two."""
    return next(iter(getaddresses([said])), ("", ""))


def _headers(mail: Message) -> Mapping[str, str]:
    """The first header of each name, in characters. In one pass: a stranger's letter may have a million of them."""
    first: dict[str, str] = {}
    for name, value in mail.raw_items():
        first.setdefault(name.lower(), str(value))
    return {name: _in_characters(_unfolded(value)) for name, value in first.items()}


def _unfolded(raw: str) -> str:
    """A header as it came, in one line."""
    return re.sub(r"\r?\n(?=[ \t])", "", raw)


def _in_characters(said: str) -> str:
    """Encoded words (RFC 2047) read, raw bytes as the text that they most likely are."""
    if not said.isascii():
        return decoded(said.encode("utf-8", "surrogateescape"), None)
    try:
        pieces = decode_header(said)
    except (HeaderParseError, ValueError):
        return said
    return "".join(
        piece if isinstance(piece, str) else decoded(piece, charset or "us-ascii")
        for piece, charset in pieces
    )


def _moment(said: str) -> datetime | None:
    """When it was written, as its sender's machine says; None where that is no time."""
    try:
        found = parsedate_to_datetime(said)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        # Also a time that is one there, and beyond the year 9999 here.
        return None


def _parts(mail: Message) -> tuple[list[str], list[Enclosure]]:
    """What is to be read, and what is enclosed. Where the same is there as text and as HTML, the text is read."""
    plain: list[str] = []
    html: list[str] = []
    enclosed: list[str] = []
    enclosures: list[Enclosure] = []
    for part in _leaves(mail):
        kind, name = part.get_content_type(), _file_name(part)
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        is_file = bool(name) or part.get_content_disposition() == "attachment"
        if _is_words(kind) and (is_file or (kind.startswith("text/") and kind != "text/plain")):
            enclosed.append(f"【{name or '附件'}】\n{decoded(content, part.get_content_charset())}")
        elif _is_words(kind):
            plain.append(decoded(content, part.get_content_charset()))
        elif kind == "text/html" and not is_file:
            html.append(shown(decoded(content, part.get_content_charset())))
        elif content:
            enclosures.append(Enclosure(name=name or f"附件{len(enclosures) + 1}", content=content))
    return [*_body(plain, html), *enclosed], enclosures


def _is_words(kind: str) -> bool:
    """Whether a part is text; also one of several parts that nobody can tell apart, for want of what stands between."""
    return (kind.startswith("text/") and kind not in ("text/html", "text/rtf")) or kind.startswith(
        "multipart/"
    )


def _body(plain: Sequence[str], html: Sequence[str]) -> Sequence[str]:
    """The text; the HTML where there is none, and both where the text only says that there is HTML."""
    said = "".join(plain).strip()
    is_stub = len(said) <= _STUB and _SEE_HTML.search(said) is not None
    return plain if said and not is_stub else [*plain, *html]


def _leaves(mail: Message) -> Iterator[Message]:
    return islice((part for part in mail.walk() if not part.is_multipart()), _MOST_PARTS)


def _file_name(part: Message) -> str:
    """What the file is called: RFC 2231, RFC 2047 where that does not belong, or bytes."""
    return _in_characters(part.get_filename() or "")
