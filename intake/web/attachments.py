"""The API of files: one is sent before the message that names it, and fetched by the address that a case gives."""

from functools import partial
from typing import Annotated

import msgspec

from intake.core.files.attachments import Ticket, opened
from intake.steps.attach import open_file
from intake.steps.filing import Cabinet
from intake.steps.read_published import open_picture
from intake.steps.take_files import take_file
from intake.web.addresses import PATH, holders_of
from intake.web.dependencies import Dependencies
from schemas.attachments import PublicFile
from schemas.errors import NotFound
from schemas.http import ANYONE, RETRY_IS_SAFE, Call, File, Limit, Route
from schemas.words import CaseField, Role


class UploadQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the file is called; its kind is decided by its content."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class TicketQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The right to fetch it, as the address holds it."""

    ticket: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was kept. `size` and `sha256` are of what is stored: of a picture, after it was made anew."""

    attachment_id: str
    name: str
    type: str
    size: int
    sha256: str


async def upload(call: Call, *, cabinet: Cabinet, dependencies: Dependencies) -> Uploaded:
    """Keep a file for the message that will name it."""
    assert call.chunks is not None
    kept = await take_file(
        cabinet,
        call.chunks,
        name=call.query.name,
        key=call.idempotency_key,
        now=dependencies.clock(),
        language=call.language,
        stranger=call.stranger,
    )
    return Uploaded(
        attachment_id=kept.attachment_id, name=kept.name, type=kept.type, size=kept.size, sha256=kept.sha256
    )


async def fetch(call: Call, *, cabinet: Cabinet) -> File:
    """The file, to whoever its ticket was made for; staff's look is written down as theirs.

    Raises:
        NotFound: the ticket is not good, or another's: an address that is passed on, or stolen, is nothing.
    """
    ticket = opened(call.query.ticket, call.path["attachment_id"], call.unit.now, cabinet.key)
    _check_holder(call, ticket, cabinet.key)
    file = await open_file(cabinet, call.unit, ticket)
    if ticket.role is not Role.CITIZEN:
        call.shows(ticket.case_id, CaseField.ATTACHMENTS)
    return file


def _check_holder(call: Call, ticket: Ticket, key: bytes) -> None:
    if ticket.role is Role.CITIZEN and ticket.holder in holders_of(call, key):
        return
    if ticket.role is Role.CITIZEN or ticket.viewer != call.principal:
        raise NotFound


class PictureQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How large it is wanted."""

    small: bool = False


async def fetch_published(call: Call, *, cabinet: Cabinet, dependencies: Dependencies) -> PublicFile:
    """A picture beside a published answer, while whoever sent it lets everybody see it: asked anew at each look."""
    attachment_id, is_thumbnail = call.path["attachment_id"], call.query.small
    picture = await open_picture(
        cabinet,
        call.unit,
        dependencies.keys,
        call.path["tracking_code"],
        attachment_id,
        is_thumbnail=is_thumbnail,
    )
    # What came under an id is never another file.
    return PublicFile(
        chunks=picture.chunks,
        size=picture.size,
        content_type=picture.content_type,
        filename=picture.filename,
        etag=f"{attachment_id}-{'small' if is_thumbnail else 'whole'}",
    )


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """Every route of files; none where no files are taken."""
    cabinet = dependencies.cabinet
    if cabinet is None:
        return ()
    return (
        Route(
            method="POST",
            path=PATH,
            answer=partial(upload, cabinet=cabinet, dependencies=dependencies),
            who=ANYONE,
            summary=f"Send a file, which a message may then name. {RETRY_IS_SAFE}",
            query=UploadQuery,
            returns=Uploaded,
            status=201,
            database=False,
            streams=True,
            by_session=True,
            max_body_bytes=cabinet.most_bytes,
            limit=Limit.UPLOADS,
        ),
        Route(
            method="GET",
            path=f"{PATH}/{{attachment_id}}",
            answer=partial(fetch, cabinet=cabinet),
            who=ANYONE,
            summary="A file of a case, by the address that the case gives.",
            query=TicketQuery,
            lookup=True,
            by_session=True,
            limit=Limit.DOWNLOADS,
        ),
        Route(
            method="GET",
            path="/api/v1/published/{tracking_code}/pictures/{attachment_id}",
            answer=partial(fetch_published, cabinet=cabinet, dependencies=dependencies),
            who=ANYONE,
            summary="A picture beside a published answer.",
            query=PictureQuery,
            lookup=True,
            limit=Limit.DOWNLOADS,
        ),
    )
