"""Forms that outlive a session: what was typed goes along through the sign-in, and is shown again to be sent.

A route whose function can show a draft says so (`Route.takes_drafts`). For every other route the edge answers a draft
itself: with a page that says that nothing was done, and a button that sends the same again.

It travels in hidden fields from page to page, so that it is never part of an address and is stored nowhere.
"""

from collections.abc import Mapping

from schemas.http import DRAFT_FIELD, Page, Principal

#: Keeps its fields apart from those of the sign-in form.
_PREFIX = "draft."
#: Fields that no page repeats: whoever sends the rest again is asked for them anew.
PASSWORD_FIELDS = frozenset({"password", "new_password", "new_password_again"})
#: What opens a citizen's case goes along, and is not shown: others may look at the screen.
_CODE_FIELDS = frozenset({"tracking_code", "access_code"})


def sign_in_first(form: Mapping[str, str], to: str) -> Page:
    """The sign-in form, for whoever sent `form` to that address after their session had ended."""
    typed = {name: text for name, text in form.items() if name not in PASSWORD_FIELDS}
    draft = {_PREFIX + name: text for name, text in typed.items()}
    return Page(
        template="site/sign-in.html", context={"draft": draft, "next": to, "resend": typed}, status=401
    )


def send_again(form: Mapping[str, str], to: str) -> Page:
    """What becomes of a draft that nobody may act upon: the same form once more, behind a button of this page.

    What somebody wrote is shown, to be read before it is sent. The choice of a language (`resend`) keeps it a draft; only
    the button makes it a form to act upon.
    """
    fields = _typed(form)
    context = {
        "fields": fields,
        "written": written(fields),
        "to": to,
        "resend": fields | {DRAFT_FIELD: "yes"},
    }
    return Page(template="site/send-again.html", context=context, status=403)


def later(form: Mapping[str, str], to: str, why: str) -> Page:
    """The same for a form that nobody looked at, because too many came before it."""
    page = send_again(form, to)
    return Page(template=page.template, context={**page.context, "why": why}, status=429)


def refused(form: Mapping[str, str]) -> dict[str, object]:
    """What a page that refuses `form` altogether shows of it; in another language it is no more than a draft."""
    said = written(form)
    return {"written": said, "resend": _typed(form) | {DRAFT_FIELD: "yes"}} if said else {}


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in form.items() if name != DRAFT_FIELD and name not in PASSWORD_FIELDS}


def draft_in(form: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of a sign-in form that only pass through it."""
    return {name: text for name, text in form.items() if name.startswith(_PREFIX)}


def signed_in(principal: Principal, draft: Mapping[str, str], to: str, cookies: Mapping[str, str]) -> Page:
    """The way back to the form at that address, with what was typed.

    What somebody wrote is shown, too: whoever signed in may be another than whoever wrote it, and not get at that form.
    """
    fields = {name.removeprefix(_PREFIX): text for name, text in draft.items()}
    context = {
        "principal": principal,
        "resend": fields | {DRAFT_FIELD: "yes"},
        "resend_to": to,
        "written": written(fields),
    }
    return Page(template="site/signed-in.html", context=context, cookies=cookies)


def written(form: Mapping[str, str]) -> list[str]:
    """What of a form a person wrote, to be read and copied."""
    return [text for name, text in _typed(form).items() if name not in _CODE_FIELDS and _is_prose(text)]


def _is_prose(text: str) -> bool:
    """Whether a person wrote it, rather than a page: versions, codes and choices are plain words of our own."""
    return not text.isascii() or any(character.isspace() for character in text.strip())
