"""Forms that bring files (RFC 7578): the fields, and the files on disk, however large the form is."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from deploy.observability.disk import FULL, no_room
from deploy.web.fields import IN_UTF_8, MOST_FIELDS
from schemas.errors import Malformed, TooLarge
from schemas.http import FormFile

#: Project choices: no form of ours has more, and what is read of a file at once.
_MOST_FILES = 50
_PIECE = 128 * 1024
#: Bytes of the header that says so: four times what browsers send. Its reader takes seconds over sixty kilobytes of quotes
#: (project choice).
_HEADER_BYTES = 512
_CHARSETS = frozenset({b"utf-8", b"utf8"})


class _FieldTooLarge(MultiPartException):
    """One field has more bytes than any of that form may have."""


class _Parser(MultiPartParser):
    #: Of each file in memory, before it goes to disk.
    spool_max_size = _PIECE

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """As the parser calls it for each piece."""
        part = self._current_part
        if part.file is None and len(part.data) + end - start > self.max_part_size:
            raise _FieldTooLarge("a field is too large")
        super().on_part_data(data, start, end)

    def on_part_end(self) -> None:
        """As the parser calls it behind each part, whose text it would take for Latin-1 where that is no UTF-8."""
        if self._current_part.file is None:
            self._current_part.data.decode()
        super().on_part_end()


class _WordsParser(_Parser):
    """Keeps the fields, and reads past what is in files."""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """As the parser calls it for each piece."""
        if self._current_part.file is None:
            super().on_part_data(data, start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a form brought: its fields and its files."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[UploadFile] = field(default_factory=list)

    @property
    def files(self) -> list[FormFile]:
        """Those of the files that somebody chose: a browser sends an empty one where nobody did."""
        return [
            FormFile(name=one.filename or "", chunks=_pieces(one))
            for one in self.uploads
            if one.filename or one.size
        ]

    async def close(self) -> None:
        """Forget the files that came with the form."""
        for one in self.uploads:
            await one.close()


def is_multipart(headers: Mapping[str, str]) -> bool:
    """Whether the body says that it is such a form."""
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


async def read_parts(
    headers: Mapping[str, str], chunks: AsyncIterator[bytes], field_bytes: int, *, keeps_files: bool = True
) -> Parts:
    """The form in the body. `field_bytes`: of one field at most; `keeps_files`: or else what is in them is read past.

    Raises:
        Malformed: no such form, not in UTF-8, or more fields or files than any of ours has.
        NoRoomLeft: its files fit on the disk no more.
        TooLarge: as `chunks` says, or one field is.
    """
    parser = (_Parser if keeps_files else _WordsParser)(
        Headers({"content-type": _checked(headers["content-type"])}),
        chunks,  # type: ignore[arg-type]  # it only ever iterates
        max_files=_MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=field_bytes,
    )
    try:
        found = await parser.parse()
    except _FieldTooLarge as error:
        raise TooLarge(limit=field_bytes) from error
    except UnicodeDecodeError as error:
        raise Malformed(reason=IN_UTF_8) from error
    except (MultiPartException, KeyError, LookupError) as error:
        raise Malformed(reason="multipart/form-data") from error
    except OSError as error:
        if error.errno in FULL:
            raise no_room() from error
        raise
    if not keeps_files:
        # Also the one that nobody read to its end.
        for file in parser._files_to_close_on_error:
            file.close()
    items = found.multi_items()
    return Parts(
        pairs=[(name, value) for name, value in items if isinstance(value, str)],
        uploads=[value for _, value in items if isinstance(value, UploadFile)],
    )


def _checked(content_type: str) -> str:
    """What the body says that it is, if a page of ours may have sent it: those are UTF-8, and so are their forms.

    A charset names a codec of Python's, some of which take twenty seconds over a quarter of a megabyte.

    Raises:
        Malformed: another charset, or far too long.
    """
    if len(content_type) > _HEADER_BYTES:
        raise Malformed(reason="content-type")
    _, options = parse_options_header(content_type)
    if options.get(b"charset", b"utf-8").lower() not in _CHARSETS:
        raise Malformed(reason=IN_UTF_8)
    return content_type


async def first_of(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """`chunks` as far as the one in which so many bytes are there; no more of them is read."""
    size = 0
    async for chunk in chunks:
        yield chunk
        size += len(chunk)
        if size >= most:
            return


async def _pieces(upload: UploadFile) -> AsyncIterator[bytes]:
    while piece := await upload.read(_PIECE):
        yield piece
