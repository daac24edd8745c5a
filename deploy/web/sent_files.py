"""Files as HTTP: to be saved, never shown as a page of ours, and kept by nobody but where everybody may see them."""

from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from schemas.attachments import PublicFile
from schemas.http import Download, File


def file(answer: File, method: str, kept: str) -> Response:
    """A file to be saved, never shown: whatever it holds, it runs nothing as a page of this site. `kept`: by the browser."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(answer.filename)}",
        "content-length": str(answer.size),
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, no-store",
        "cross-origin-resource-policy": "same-origin",
    }
    if isinstance(answer, PublicFile):
        # Asked about at each look: it may be everybody's no longer.
        told = {"cache-control": "public, no-cache", "etag": f'"{answer.etag}"'}
        if told["etag"] in kept:
            # RFC 9110 §15.4.5.
            return Response(status_code=304, headers=told)
        headers |= told
    if method == "HEAD":
        return Response(media_type=answer.content_type, headers=headers)
    return StreamingResponse(answer.chunks, media_type=answer.content_type, headers=headers)


def download(answer: Download) -> Response:
    """A whole table or document, made for whoever asks, and kept nowhere."""
    response = Response(answer.body, media_type=answer.content_type)
    response.headers["cache-control"] = "private, no-store"
    if answer.filename is not None:
        response.headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(answer.filename)}"
    return response
