"""Forms as messages, and what is wrong with them as the pages show it."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

import msgspec

from intake.core.draft import ContactBody, Draft, PlaceBody, SubmissionBody, check, saying
from schemas.errors import BadInput, FieldError, HuiyinError
from schemas.forms import FormErrors, form_errors
from schemas.words import Language

#: The input of a page that a field is typed into, where it is not called like the field. A cursor is typed nowhere: who
#: made one up starts with the search again.
_INPUTS = {
    "cursor": "q",
    "place.address": "address",
    "contact.name": "name",
    "contact.phone": "phone",
    "contact.email": "email",
    "contact.preference": "preference",
    "contact.hours": "hours",
    "contact.language": "language",
    "publish": "publish-yes",
}
#: Begins like a mobile number of the mainland (13 to 19), of which all have eleven digits.
_NEARLY_MOBILE = re.compile(r"1[3-9](\d{7,8}|\d{10,11})", re.ASCII)
#: To whoever sends a form twice: the first one counts.
REPEATED = BadInput(
    [
        FieldError(
            "case",
            "此前已经收到，以第一次提交的为准；这一次没有再提交。",
            "This was received before, and the first one counts; this one was not sent again.",
        )
    ]
)


def draft_of(form: Mapping[str, str], brought: BadInput | None = None) -> Draft:
    """The message in the form; publication only where the citizen said so.

    `brought`: what is wrong with the files that it brought; they are gone with it, so all of it is said at once.

    Raises:
        BadInput: names every field that is wrong.
    """
    draft = _checked(
        SubmissionBody(
            title=_one_line(form.get("title", "")),
            text=_unix(form.get("text", "")),
            kind=form.get("kind") or None,
            place=PlaceBody(address=form.get("address") or None),
            contact=ContactBody(
                name=form.get("name") or None,
                phone=form.get("phone") or None,
                email=form.get("email") or None,
                preference=form.get("preference") or None,
                hours=form.get("hours") or None,
                language=form.get("language") or None,
            ),
            confidential=form.get("confidential") == "yes",
            publish=form.get("publish") == "yes",
            attachments=ids_in(form),
            publish_attachments=ids_in(form, "publish_files"),
            seen=ids_in(form, "seen"),
            same_as=form.get("same_as") or None,
        ),
        brought.errors if brought else (),
    )
    return saying(draft)


def _checked(body: SubmissionBody, brought: Sequence[FieldError]) -> Draft:
    """As every door checks it; and a mobile number with a digit too few or too many, which nobody would ever reach."""
    wrong = [*_mistyped_mobile(body.contact.phone if body.contact else None), *brought]
    try:
        draft = check(body)
    except BadInput as refusal:
        raise BadInput([*refusal.errors, *wrong]) from refusal
    if wrong:
        raise BadInput(wrong)
    return draft


def _mistyped_mobile(phone: str | None) -> list[FieldError]:
    """Who imports a list, or takes a call, writes what they were told: only whoever types their own is asked again."""
    digits = re.sub(r"[\s\-()（）.]", "", unicodedata.normalize("NFKC", phone or ""))
    digits = digits.removeprefix("+86")
    if not _NEARLY_MOBILE.fullmatch(digits):
        return []
    zh = f"手机号码应为 11 位，现有 {len(digits)} 位，请核对。"
    return [FieldError("contact.phone", zh, f"A mobile number has 11 digits; this one has {len(digits)}.")]


def ids_in(form: Mapping[str, str], field: str = "attachments") -> list[str]:
    """What the form names as files, or in another field as those that everybody may see."""
    return list(filter(None, form.get(field, "").split(",")))


def key_of(form: Mapping[str, str]) -> str:
    """The idempotency key of a form: the same when it is sent twice, another once anything in it was changed."""
    typed = [[name, value] for name, value in sorted(form.items())]
    return hashlib.sha256(msgspec.json.encode(typed)).hexdigest()


def errors_of(
    refusal: HuiyinError,
    language: Language,
    *,
    otherwise: str = "",
    files: str = "files",
    text: str = "text",
) -> FormErrors:
    """What a page of this slice shows of a refusal.

    `otherwise`: the input to lead to if it names no field; `files`: the one that files are chosen with; `text`: the one that
    the words are typed into.
    """
    inputs = {**_INPUTS, "attachments": files, "files": files, "text": text}
    return form_errors(refusal, language, otherwise=otherwise, inputs=inputs)


def _unix(text: str) -> str:
    """`text` with line ends of one character: browsers send CR LF, and count it as one."""
    return text.replace("\r\n", "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
