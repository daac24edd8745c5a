"""Forms as messages, and what is wrong with them as links to the fields."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from intake.core.draft import ContactBody, Draft, PlaceBody, SubmissionBody, check
from schemas.errors import BadInput, FieldError, HuiyinError
from schemas.words import Language

#: Which field of the page a field of the message is typed into.
_FIELDS = {
    "place.address": "address",
    "contact.name": "name",
    "contact.phone": "phone",
    "contact.email": "email",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an error summary: the field it leads to, and what is wrong there."""

    field: str
    text: str


def draft_of(form: Mapping[str, str]) -> Draft:
    """The message in the form; publication only where the citizen said so.

    Raises:
        BadInput: names every field that is wrong.
    """
    return check(
        SubmissionBody(
            title=_one_line(form.get("title", "")),
            text=_unix(form.get("text", "")),
            kind=form.get("kind") or None,
            place=PlaceBody(address=form.get("address") or None),
            contact=ContactBody(
                name=form.get("name") or None,
                phone=form.get("phone") or None,
                email=form.get("email") or None,
            ),
            confidential=form.get("confidential") == "yes",
            publish=form.get("publish") == "yes",
        )
    )


def key_of(form: Mapping[str, str]) -> str:
    """The same for the same form sent twice; another once anything in it was changed."""
    typed = [[name, value] for name, value in sorted(form.items())]
    return hashlib.sha256(msgspec.json.encode(typed)).hexdigest()


def problems_of(error: HuiyinError, language: Language, *, field: str = "") -> Sequence[Problem]:
    """What to show for a refusal; `field`: where to lead if it names none."""
    if isinstance(error, BadInput):
        return [_problem(each, language) for each in error.errors]
    return [Problem(field=field, text=error.message(language))]


def _problem(error: FieldError, language: Language) -> Problem:
    text = error.zh if language is Language.ZH else error.en
    return Problem(field=_FIELDS.get(error.field, error.field), text=text)


def _unix(text: str) -> str:
    """Browsers send CR LF, and count it as one character."""
    return text.replace("\r\n", "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
