"""Files in the forms of citizens: those that it brings, and those that were uploaded before it was sent."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from intake.core.draft import checked_ids
from intake.core.files.attachments import KINDS, WaitingFilesFull
from intake.core.same_again import nonce_at
from intake.steps.attach import waiting_files
from intake.steps.filing import Cabinet
from intake.steps.take_files import NoRoomToUnpack, take_file
from intake.web.codes import guess_of
from intake.web.dependencies import Dependencies
from intake.web.forms import ids_in
from schemas.errors import BadInput, FieldError, Refused, Unavailable
from schemas.http import Call, FormFile
from schemas.ids import AttachmentId, is_uuid
from schemas.ports import Unit
from schemas.values import Attachment
from schemas.words import Language

#: Bytes of a form besides its files (project choice: the longest text in UTF-8, with room).
_FIELDS = 256 * 1024


def most_bytes(dependencies: Dependencies) -> int:
    """How many bytes a form with files may have; none where no files are taken."""
    cabinet = dependencies.cabinet
    return 0 if cabinet is None else cabinet.most_files * cabinet.most_bytes + _FIELDS


async def offered(
    dependencies: Dependencies, form: Mapping[str, str], unit: Unit | None = None
) -> Mapping[str, Any]:
    """What a form's page says of files: which are there already, what may be added, and the form's own key.

    `unit`: the page's, where it has one.
    """
    nonce = form.get("nonce") or nonce_at(dependencies.clock(), secrets.token_urlsafe(18))
    cabinet = dependencies.cabinet
    if cabinet is None:
        return {"nonce": nonce, "most_files": 0}
    return {
        "nonce": nonce,
        "most_files": cabinet.most_files,
        "most_bytes": cabinet.most_bytes,
        "accepted": ",".join(kind.type for kind in KINDS) + "," + ",".join(kind.ending for kind in KINDS),
        "files": await _uploaded(cabinet, form, dependencies, unit),
        "publish": ids_in(form, "publish_files"),
    }


async def _uploaded(
    cabinet: Cabinet, form: Mapping[str, str], dependencies: Dependencies, unit: Unit | None
) -> list[Attachment]:
    """Those that the form names, by name where somebody can say."""
    ids = [AttachmentId(each) for each in ids_in(form) if is_uuid(each)]
    if not ids:
        return []
    known = await waiting_files(cabinet, unit, ids, dependencies.named_since())
    if known is None:
        return [Attachment(attachment_id=each) for each in ids]
    return [known[each] for each in dict.fromkeys(ids) if each in known]


async def contents_of(dependencies: Dependencies, ids: Sequence[AttachmentId]) -> Mapping[AttachmentId, str]:
    """What each file holds, as far as somebody can say: the same file is uploaded under another id from each form."""
    if not ids or dependencies.cabinet is None:
        return {}
    return await dependencies.cabinet.rows.contents(ids) or {}


def named_in(form: Mapping[str, str], field: str = "attachments") -> tuple[AttachmentId, ...]:
    """The files that the form names, each once; see `ids_in`.

    Raises:
        BadInput: one that is no id.
    """
    return checked_ids(ids_in(form, field))


async def keep_files(call: Call, *, dependencies: Dependencies) -> None:
    """Keep the files that a form about a case brought, where its codes are right; see `Route.before`."""
    guess = guess_of(call, dependencies=dependencies)
    if guess is not None and guess.is_right:
        call.form, call.refusal = await with_files(call, dependencies)


async def with_files(call: Call, dependencies: Dependencies) -> tuple[Mapping[str, str], BadInput | None]:
    """The form, with the files that it brought kept and named in it; and what is wrong with those that were not."""
    cabinet = dependencies.cabinet
    if cabinet is None or not call.files:
        return call.form, None
    ids = [*filter(None, [call.form.get("attachments", "")])]
    errors: list[FieldError] = []
    away: Unavailable | None = None
    for file in call.files:
        if away is not None:
            errors.append(_said(file, away))
            continue
        try:
            ids.append(await _kept(cabinet, file, call, dependencies, call.form.get("nonce") or None))
        except (Refused, NoRoomToUnpack, WaitingFilesFull) as error:
            errors.append(_said(file, error))
        except Unavailable as error:
            # The others would fare no better, and each would wait as long.
            errors.append(_said(file, error))
            away = error
    form = {**call.form, "attachments": ",".join(ids)} if ids else call.form
    return form, BadInput(errors) if errors else None


async def kept_all(call: Call, dependencies: Dependencies) -> tuple[AttachmentId, ...]:
    """The files that a program's form brought: every one of them, or none is the message's.

    Raises:
        BadInput: more than a message takes, one that is not taken, or any where none are, in the field `media` of Open311.
        Unavailable: nobody can keep any now.
    """
    cabinet = dependencies.cabinet
    if cabinet is None:
        raise BadInput([FieldError("media", "这里不接收文件。", "No files are taken here.")])
    if len(call.files) > (most := cabinet.most_files):
        raise BadInput([FieldError("media", f"最多 {most} 个文件。", f"At most {most} files.")])
    ids: list[AttachmentId] = []
    for file in call.files:
        try:
            ids.append(await _kept(cabinet, file, call, dependencies, call.idempotency_key))
        except Refused as error:
            raise BadInput([_said(file, error, "media")]) from error
    return tuple(dict.fromkeys(ids))


async def _kept(
    cabinet: Cabinet, file: FormFile, call: Call, dependencies: Dependencies, key: str | None
) -> AttachmentId:
    """The file's id: the same where the same form is sent twice."""
    kept = await take_file(
        cabinet,
        file.chunks,
        name=file.name,
        key=key,
        now=dependencies.clock(),
        language=call.language,
        stranger=call.stranger,
    )
    return kept.attachment_id


def _said(file: FormFile, error: Refused | Unavailable, field: str = "files") -> FieldError:
    reason = error.errors[0] if isinstance(error, BadInput) else error
    zh, en = (reason.message(language) for language in (Language.ZH, Language.EN))
    return FieldError(field, f"{file.name}：{zh}", f"{file.name}: {en}")
