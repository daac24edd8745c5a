"""Forms at the HTTP edge: ours alone, written at once or not at all, and never lost with a session."""

import re
from datetime import UTC, datetime
from html import unescape

import aiohttp
import pytest
from markupsafe import escape

from deploy.accounts import sessions
from deploy.database.pool import Pool
from deploy.web.site.cookies import SESSION
from schemas.http import DRAFT_FIELD
from tests.integration.deploy.accounts.signing_in import SIGNING
from tests.integration.deploy.site import rows
from tests.unit.deploy.records import case


async def _csrf(http: aiohttp.ClientSession) -> str:
    async with http.get("/scratch") as page:
        found = re.search(r'name="csrf" value="([^"]+)"', await page.text())
    assert found
    return found[1]


async def test_a_form_is_written_and_leads_on(http: aiohttp.ClientSession, pool: Pool) -> None:
    """303, so that a reload does not send it again."""
    data = {"csrf": await _csrf(http), "text": "好"}
    async with http.post("/scratch", data=data, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["location"]) == (303, "/scratch")

    assert await rows(pool) == (1, 1)


async def test_a_nul_in_a_form_is_left_out(http: aiohttp.ClientSession, pool: Pool) -> None:
    """Postgres holds none; what stands beside it is kept."""
    data = {"csrf": await _csrf(http), "text": "路\0灯"}
    async with http.post("/scratch", data=data, allow_redirects=False) as answer:
        assert 303 == answer.status

    assert "路灯" == await pool.fetchval("SELECT text FROM scratch.seen")


async def test_a_page_that_shows_an_error_writes_nothing(http: aiohttp.ClientSession, pool: Pool) -> None:
    """The answer goes out, the transaction does not."""
    async with http.post("/scratch", data={"csrf": await _csrf(http), "text": "wrong"}) as answer:
        assert answer.status == 422

    assert await rows(pool) == (0, 0)


async def test_forms_that_are_not_ours_are_refused(
    http: aiohttp.ClientSession, address: str, pool: Pool
) -> None:
    """No token, a made-up one, another browser's, or sent by another site: 403 as a page, nothing written."""
    genuine = await _csrf(http)
    attempts: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        ({"csrf": "0.0"}, {}),
        ({"csrf": genuine}, {"sec-fetch-site": "cross-site"}),
        ({"csrf": genuine}, {"origin": "https://evil.example"}),
    ]
    for fields, headers in attempts:
        async with http.post("/scratch", data=fields | {"text": "x"}, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (403, "text/html"), (fields, headers)
    async with (
        aiohttp.ClientSession(address, cookies={"huiyin_visitor": "somebody-else"}) as other,
        other.post("/scratch", data={"csrf": genuine, "text": "x"}) as answer,
    ):
        assert answer.status == 403

    assert await rows(pool) == (0, 0)


#: As long as replies get.
TYPED = '第一段<b>\r\n\r\n第二段 & "引号"' * 500


def _hidden(page: str, form: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to `form`."""
    [body] = re.findall(
        rf'<form method="post" action="{re.escape(form)}" ?[^>]*>(.*?)</form>', page, re.DOTALL
    )[-1:]
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', body, re.DOTALL)
    }


async def _sent(http: aiohttp.ClientSession, path: str, fields: dict[str, str], status: int) -> str:
    """The page that answers a form, as a browser shows it."""
    async with http.post(path, data=fields, allow_redirects=False) as answer:
        assert (status, "text/html") == (answer.status, answer.content_type)
        return await answer.text()


async def test_what_was_typed_outlives_the_session(
    http: aiohttp.ClientSession, pool: Pool, clerk: str
) -> None:
    """Through a wrong password and the right one, back into the form as it was; nothing is done until it is sent again."""
    sent = {"csrf": await _csrf(http), "text": TYPED, "username": "not the sign-in form's"}
    first = await _sent(http, "/staff?a=1", sent, 401)
    name = {"username": "wang"}
    again = await _sent(http, "/sign-in", _hidden(first, "/sign-in") | name | {"password": "wrong"}, 422)
    signed_in = await _sent(http, "/sign-in", _hidden(again, "/sign-in") | name | {"password": clerk}, 200)
    shown = await _sent(http, "/staff?a=1", _hidden(signed_in, "/staff?a=1"), 200)

    assert escape(TYPED.replace("\r\n", "\n")) in shown.replace("\r\n", "\n")
    assert "wang" in signed_in
    assert await rows(pool) == (0, 0)
    fields = {"csrf": _hidden(signed_in, "/staff?a=1")["csrf"], "text": TYPED}
    async with http.post("/staff", data=fields, allow_redirects=False) as answer:
        assert answer.status == 303
    assert await rows(pool) == (1, 1)


async def _sign_in(http: aiohttp.ClientSession, pool: Pool) -> None:
    async with pool.acquire() as db:
        cookie = await sessions.open_session(db, SIGNING, "wang", datetime.now(UTC))
    http.cookie_jar.update_cookies({SESSION: cookie})


async def test_whoever_is_signed_in_goes_from_no_page_back_to_their_own(
    http: aiohttp.ClientSession, pool: Pool, clerk: str
) -> None:
    """From an address that nothing has, as from a case that is not there; a stranger to the citizens' pages."""
    assert clerk
    html = {"accept": "text/html"}
    async with http.get("/nowhere", headers=html) as answer:
        assert ("返回首页" in (page := await answer.text()), "返回工作台" in page) == (True, False)
    await _sign_in(http, pool)
    async with http.get("/nowhere", headers=html) as answer:
        assert ("返回首页" in (page := await answer.text()), "返回工作台" in page) == (False, True)


SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


async def test_what_was_typed_outlives_the_cookie_too(
    http: aiohttp.ClientSession, pool: Pool, clerk: str
) -> None:
    """The browser forgot the session, so the form's token fits nothing: the browser's word that it is ours must do."""
    sent = {"csrf": await _csrf(http), "text": TYPED}
    http.cookie_jar.clear()
    async with http.post("/staff", data=sent, headers=SAME_ORIGIN, allow_redirects=False) as answer:
        assert 401 == answer.status
        fields = _hidden(await answer.text(), "/sign-in") | {"username": "wang", "password": clerk}
    signed_in = await _sent(http, "/sign-in", fields, 200)

    assert escape(TYPED.replace("\r\n", "\n")) in signed_in.replace("\r\n", "\n")
    assert await rows(pool) == (0, 0)


async def test_who_signs_in_is_not_told_that_something_was_done(
    http: aiohttp.ClientSession, clerk: str
) -> None:
    """However the link reads that they followed: the cookie of a session that is over is nobody's."""
    async with http.get("/sign-in?next=/password?done=true") as answer:
        fields = _hidden(await answer.text(), "/sign-in") | {"username": "wang", "password": clerk}
    async with http.post("/sign-in", data=fields) as answer:
        page = await answer.text()
        assert ("/password", 200) == (answer.url.path, answer.status)

    assert "您在其他地方的登录都已结束" not in page


async def test_who_changed_the_password_is_told(http: aiohttp.ClientSession, pool: Pool, clerk: str) -> None:
    """They go on with another session than the one that asked."""
    await _sign_in(http, pool)
    new = {"password": clerk, "new_password": "a quieter stable", "new_password_again": "a quieter stable"}
    async with http.get("/password") as answer:
        fields = _hidden(await answer.text(), "/password") | new
    async with http.post("/password", data=fields) as answer:
        assert "您在其他地方的登录都已结束" in await answer.text()


async def test_a_form_of_an_earlier_session_is_a_draft(
    http: aiohttp.ClientSession, pool: Pool, clerk: str
) -> None:
    """Signed in anew in another tab meanwhile: shown as typed, and nothing done; from elsewhere it is refused."""
    await _sign_in(http, pool)
    sent = {"csrf": "of.another", "text": "答复"}
    async with http.post("/staff", data=sent, headers=SAME_ORIGIN, allow_redirects=False) as answer:
        assert (200, True) == (answer.status, "答复" in await answer.text())
    await _sent(http, "/staff", sent, 403)

    assert await rows(pool) == (0, 0)


@pytest.mark.parametrize("path", ["/staff/acts", "/scratch"])
async def test_a_route_that_takes_no_drafts_gets_none(
    http: aiohttp.ClientSession, pool: Pool, clerk: str, path: str
) -> None:
    """Made for another session, or marked as a draft: 403 and nothing done; its button sends it again."""
    await _sign_in(http, pool)
    for token in ({"csrf": "of.another"}, {"csrf": await _csrf(http), DRAFT_FIELD: "yes"}):
        async with http.post(path, data=token | {"text": TYPED}, headers=SAME_ORIGIN) as answer:
            page = await answer.text()
            assert (403, "text/html") == (answer.status, answer.content_type)
        assert await rows(pool) == (0, 0)
    again = _hidden(page, path)

    assert TYPED == again.pop("text").replace("\n", "\r\n").replace("\r\r\n", "\r\n")
    assert {"csrf"} == again.keys()
    async with http.post(path, data=again | {"text": "好"}, allow_redirects=False) as answer:
        assert answer.status == 303
    assert await rows(pool) == (1, 1)


async def test_another_who_signed_in_meanwhile_loses_no_words(
    http: aiohttp.ClientSession, pool: Pool, clerk: str
) -> None:
    """Who may not open what the form is about reads why, and what was written, to be copied; a password is not."""
    await _sign_in(http, pool)
    typed = {"text": "给市民的<答复>", "password": "secret word", "access_code": "AB CD"}
    of_case = f"/staff/missing/{case(1)}"
    for path, status in (("/others", 403), ("/staff/missing", 404), (of_case, 404)):
        async with http.post(
            path, data={"csrf": "of.another", **typed}, headers=SAME_ORIGIN, allow_redirects=False
        ) as answer:
            page = await answer.text()
            assert (status, "text/html") == (answer.status, answer.content_type)
        shown = page.split("<main")[1]
        assert escape(typed["text"]) in shown
        assert ("刚才的操作没有完成" in shown) == (path == of_case), (
            "what may have become of a case, of a case alone"
        )
        assert not any(secret in shown for secret in ("secret word", "AB CD"))
        again = _hidden(page, path)
        assert (typed["text"], "yes", False) == (again["text"], again[DRAFT_FIELD], "password" in again), (
            "in another language, too, and nothing is done"
        )
        page = await _sent(http, path, {"csrf": "of.another", **typed}, 403)
        assert escape(typed["text"]) not in page, "sent by whom nobody knows"
    assert await rows(pool) == (0, 0)


async def test_a_password_is_never_repeated(http: aiohttp.ClientSession) -> None:
    """The sign-in form that was refused keeps the rest."""
    data = {"csrf": "of.another", "username": "wang", "password": "secret word", "draft.text": "答复"}
    async with http.post("/sign-in", data=data, headers=SAME_ORIGIN) as answer:
        page = await answer.text()
        assert answer.status == 403

    assert "答复" == _hidden(page, "/sign-in")["draft.text"]
    assert "secret word" not in page


async def test_what_others_send_for_an_ended_session_is_not_shown(
    http: aiohttp.ClientSession, clerk: str
) -> None:
    """Without our token no page repeats what was sent, before and after signing in."""
    page = await _sent(http, "/staff", {"text": "给市民的答复"}, 403)
    assert "给市民的答复" not in page

    page = await _sent(
        http, "/sign-in", {"csrf": "0.0", "username": "wang", "draft.text": "给市民的答复"}, 403
    )
    assert "给市民的答复" not in page


CITIZEN_FORM = {"title": "路灯不亮", "text": "三号楼前<路灯>坏了三天 & 没人修", "nonce": "n"}


@pytest.mark.parametrize("says", [{}, SAME_ORIGIN, {"sec-fetch-site": "none"}])
@pytest.mark.parametrize("cookie", [None, "a staff member's, signed in in another tab"])
async def test_a_citizens_form_whose_cookie_is_gone_comes_back_with_all_that_was_typed(
    http: aiohttp.ClientSession, says: dict[str, str], cookie: str | None
) -> None:
    """Nothing was sent; the fields are there to be sent once more. Another site's form is not even shown."""
    async with http.get("/words") as page:
        assert 200 == page.status
    http.cookie_jar.clear()
    if cookie is not None:
        http.cookie_jar.update_cookies({SESSION: cookie})
    sent = {"csrf": "of.another", **CITIZEN_FORM}
    async with http.post("/words", data=sent, headers=says) as answer:
        page_text = await answer.text()
        assert (403, "text/html") == (answer.status, answer.content_type)
    async with http.post("/words", data=sent, headers={"origin": "https://evil.example"}) as answer:
        assert (403, False) == (answer.status, "三号楼前" in await answer.text())

    assert CITIZEN_FORM["text"] == _hidden(page_text, "/words")["text"]


async def test_whoever_keeps_no_cookie_is_told_what_to_allow(http: aiohttp.ClientSession) -> None:
    """However often they press the button, no form of theirs is taken."""
    sent: dict[str, str] = {"csrf": "of.another", **CITIZEN_FORM}
    for _ in range(2):
        http.cookie_jar.clear()
        async with http.post("/words", data=sent, headers=SAME_ORIGIN) as answer:
            assert 403 == answer.status
            page = await answer.text()
        assert "允许本网站使用 Cookie" in page
        sent = _hidden(page, "/words")


async def test_a_form_is_known_by_its_page(http: aiohttp.ClientSession) -> None:
    """Sent twice it has one token; the same form on the page that is shown next has another."""
    pages = [await _csrf(http), await _csrf(http)]
    tokens = []
    for page in (pages[0], pages[0], pages[1]):
        data = {"csrf": page, "text": "token"}
        async with http.post("/scratch", data=data, allow_redirects=False) as answer:
            tokens.append(answer.headers["location"].partition("#")[2])

    assert [pages[0], pages[0], pages[1]] == tokens
    assert pages[0] != pages[1]
