"""The sign-in form where it is too soon, and where somebody else signs in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy.web.site import drafts
from deploy.web.site.pages import SignInPages
from deploy.web.site.render import renderer_of
from schemas.city import load_city
from schemas.errors import TooMany
from schemas.http import DRAFT_FIELD, Call, Page, Principal
from schemas.words import Language, Role


@asynccontextmanager
async def _no_connection() -> AsyncIterator[Any]:
    raise TooMany(retry_after_seconds=7)
    yield


async def test_too_soon_says_when_to_try_again() -> None:
    """For programs, too: the page carries what becomes Retry-After."""
    pages = SignInPages(passwords=None, connections=_no_connection, keys=[b"s" * 32])  # type: ignore[arg-type]  # nothing is hashed
    call = Call(
        principal=Principal(), language=Language.ZH, path={}, headers={}, address="127.0.0.1",
        form={"username": "wang", "password": "a long enough phrase"},
    )  # fmt: skip
    page = await pages.sign_in(call)

    assert isinstance(page, Page)
    assert (429, 7) == (page.status, page.retry_after_seconds)


@pytest.mark.parametrize("text", ["已到现场查看，路灯已修好。", "fixed the lamp today"])
def test_whoever_signs_in_can_copy_what_was_written(text: str) -> None:
    """The form may be closed to this account; versions, choices and the form's token are nobody's writing."""
    draft = {"draft.version": "3", "draft.csrf": "abc.def", "draft.response": text}
    principal = Principal(role=Role.SUPERVISOR, name="li")
    page = drafts.signed_in(principal, draft, "/desk/1/reply", {})
    html = renderer_of(load_city()).render(
        page, language=Language.ZH, principal=principal, csrf_token="t", path="/sign-in"
    )

    assert [text] == page.context["written"]
    assert f'<p class="govuk-body written">{text}</p>' in html


@pytest.mark.parametrize("why", ["", "太频繁了。"])
def test_what_was_not_sent_is_shown_before_it_is_sent_again(why: str) -> None:
    """Nobody confirms what they cannot read; the codes that open a case are not put on the screen."""
    text = "补充一句：每天夜里都有。"
    form = {
        "tracking_code": "KKBX BKWW CZ6X JHJ4",
        "access_code": "WRBA YBAZ",
        "supplement": text,
        "csrf": "abc.def",
    }
    to = "/follow/supplement"
    page = drafts.later(form, to, why) if why else drafts.send_again(form, to)
    html = renderer_of(load_city()).render(
        page, language=Language.ZH, principal=Principal(), csrf_token="t", path=to
    )

    assert [text] == page.context["written"]
    assert f'<p class="message written" lang="zh">{text}</p>' in html
    # Only the button acts: whoever chooses a language, or larger letters, has sent nothing.
    choice, again = (
        part.partition("</form>")[0] for part in html.split("<form ")[1:] if f'action="{to}"' in part
    )
    assert (True, False) == (DRAFT_FIELD in choice, DRAFT_FIELD in again)
