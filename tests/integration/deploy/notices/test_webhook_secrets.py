"""A webhook is tested, and gets another secret, by page, API and command."""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.commands.webhooks import webhook
from deploy.notices import endpoints, store
from deploy.notices.endpoints import Endpoint
from deploy.notices.renewing import FORMER_SIGNS_FOR, FormerStillSigns, RenewedSince, renew
from deploy.notices.testing import ask_test
from deploy.notices.webhooks import secret_of, shown_secret, webhook_keys
from schemas.errors import NotFound
from schemas.words import Role
from tests.integration.deploy.notices.addresses import hears
from tests.integration.deploy.notices.office import Office
from tests.integration.deploy.notices.receiver import Receiver, is_signed
from tests.integration.deploy.notices.test_digests_and_pages import NAMELESS, signed_in

_NOBODY = "00000000-0000-4000-8000-000000000000"


def _secret(office: Office, endpoint: Endpoint, renewed: int) -> str:
    return shown_secret(secret_of(webhook_keys(office.city.settings)[0], endpoint.id, renewed))


async def _known(office: Office) -> Endpoint:
    (known,) = await endpoints.listed(office.city.pool)
    return known


async def _api(
    office: Office, who: str, method: str, path: str, body: Mapping[str, object] | None = None
) -> Any:
    headers = {"authorization": f"Bearer {office.city.tokens[who]}"}
    url = f"/api/v1/webhooks{path}"
    async with office.city.http.request(method, url, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_test_message_is_sent_once_and_says_what_became_of_it(
    office: Office, receiver: Receiver
) -> None:
    """Signed, with nothing of a case; refused it is tried no more, is no trouble, and holds up nothing else."""
    endpoint = await hears(office, receiver.url)
    receiver.status = 500
    await ask_test(office.city.pool, endpoint, office.now())
    await ask_test(office.city.pool, endpoint, office.now())
    assert (await _known(office)).is_being_tested
    await office.send()
    ((headers, body),) = receiver.got
    assert is_signed(headers, body, _secret(office, endpoint, 0))
    assert ("notice.test", {"audience": "department", "department": "housing"}) == (
        json.loads(body)["type"],
        json.loads(body)["data"],
    )
    known = await _known(office)
    assert (False, "HTTP 500", None) == (known.is_being_tested, known.test_failed, known.failing_since)
    office.ahead += timedelta(hours=2)
    await office.send()
    assert 1 == len(receiver.got)
    assert 0 == (await store.waiting(office.city.pool, office.now()))[2]
    assert ["dropped"] == [row["state"] for row in await office.rows()]

    receiver.status = 410
    await ask_test(office.city.pool, known, office.now())
    await office.send()
    assert 0 == (await store.waiting(office.city.pool, office.now()))[2]
    receiver.status = 200
    await ask_test(office.city.pool, known, office.now())
    await office.send()
    known = await _known(office)
    assert (3, "") == (len(receiver.got), known.test_failed)
    assert known.disabled_at is not None, "a test switches nothing on"


async def test_a_test_message_waits_behind_nothing(office: Office, receiver: Receiver) -> None:
    """While everything else for a system that was away waits for the next try, the test shows that it is there again."""
    endpoint = await hears(office, receiver.url)
    receiver.status = 503
    for _ in range(2):
        await office.case(**NAMELESS)
    await office.send()
    assert ["waiting"] * 2 == [row["state"] for row in await office.rows()]
    receiver.status, tried = 200, len(receiver.got)
    await ask_test(office.city.pool, endpoint, office.now())
    await office.send()

    assert ["notice.test"] == [body["type"] for body in receiver.bodies()[tried:]]
    assert "" == (await _known(office)).test_failed


async def test_a_renewed_secret_signs_beside_the_former_one_for_a_week(
    office: Office, receiver: Receiver
) -> None:
    """Then alone; no second renewal meanwhile, unless the present one is over at once; who did it stands in the changes."""
    endpoint, pool = await hears(office, receiver.url), office.city.pool

    async def signs(*wanted: bool) -> None:
        await ask_test(pool, endpoint, office.now())
        await office.send()
        headers, body = receiver.got[-1]
        assert wanted == tuple(
            is_signed(headers, body, _secret(office, endpoint, each)) for each in range(len(wanted))
        )

    await signs(True, False)
    first = await renew(pool, endpoint.id, seen=0, at_once=False, by="sun", now=office.now())
    assert first.former_until is not None
    assert 1 == (await renew(pool, endpoint.id, seen=0, at_once=False, by="sun", now=office.now())).renewed
    await signs(True, True, False)
    with pytest.raises(FormerStillSigns):
        await renew(pool, endpoint.id, seen=1, at_once=False, by="sun", now=office.now())
    office.ahead += FORMER_SIGNS_FOR
    await signs(False, True, False)
    await renew(pool, endpoint.id, seen=1, at_once=False, by="sun", now=office.now())
    await renew(pool, endpoint.id, seen=2, at_once=True, by="li", now=office.now())
    await signs(False, False, False, True)
    for seen, wrong in ((0, RenewedSince), (4, RenewedSince)):
        with pytest.raises(wrong):
            await renew(pool, endpoint.id, seen=seen, at_once=True, by="sun", now=office.now())
    with pytest.raises(NotFound):
        await renew(pool, _NOBODY, seen=0, at_once=False, by="sun", now=office.now())
    done = [(each.what, each.by) for each in await endpoints.changes(pool, 9)]

    assert [("former ended", "li"), ("renewed", "sun"), ("renewed", "sun"), ("added", "admin")] == done
    assert endpoint.id == (await hears(office, receiver.url)).id
    assert 3 == (await hears(office, receiver.url)).renewed


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_page_renews_and_tests(office: Office, receiver: Receiver, language: str) -> None:
    """An administrator reads the secret once, and the same where the form is sent twice; a supervisor tests alone."""
    endpoint = await hears(office, receiver.url + "?key=secret-path")
    async with office.city.browser() as http:
        await signed_in(office.city, http, Role.ADMINISTRATOR)
        http.headers["accept-language"] = language

        async def post(action: str, **fields: str) -> tuple[int, str]:
            async with http.get("/watch/notices") as answer:
                page = await answer.text()
            token = page.split('name="csrf" value="')[1].split('"')[0]
            form = {"csrf": token, "id": endpoint.id, **fields}
            async with http.post(f"/watch/notices/{action}", data=form) as answer:
                return answer.status, await answer.text()

        for _ in range(2):
            status, page = await post("renew", renewed="0")
            assert (200, True) == (status, _secret(office, endpoint, 1) in page)
            assert "secret-path" not in page
        status, page = await post("renew", renewed="1")
        assert (409, True) == (status, f'href="#renew-{endpoint.id}"' in page)
        assert {"zh": "旧密钥还在有效期内", "en": "still valid"}[language] in page
        status, page = await post("renew", renewed="1", at_once="true")
        assert (200, True) == (status, _secret(office, endpoint, 2) in page)
        status, page = await post("test")
        assert {"zh": "还没有结果", "en": "no result yet"}[language] in page
        receiver.status = 500
        await office.send()
        async with http.get("/watch/notices") as answer:
            page = await answer.text()
        assert {"zh": "没有收下", "en": "not taken"}[language] in page
        assert "HTTP 500" in page
        assert {"zh": "旧密钥立即失效", "en": "ended at once"}[language] in page.split('id="changes"')[1]
        assert (404, 404) == (
            (await post("test", id=_NOBODY))[0],
            (await post("renew", id=_NOBODY, renewed="0"))[0],
        )
    async with office.city.browser() as http:
        await signed_in(office.city, http, Role.SUPERVISOR)
        assert (403, 200) == ((await post("renew", renewed="2"))[0], (await post("test"))[0])
        async with http.get("/watch/notices") as answer:
            assert 'action="/watch/notices/renew"' not in await answer.text()


async def test_the_api_says_tests_and_renews(office: Office, receiver: Receiver) -> None:
    """As the page does; departments and dispatchers hear nothing of it."""
    endpoint = await hears(office, receiver.url + "?key=secret-path")
    await hears(office, "housing@city.example")
    status, listed = await _api(office, "administrator", "GET", "")
    (item,) = listed["items"]
    assert (200, endpoint.id, None, 0, None) == (
        status, item["id"], item["test"], item["renewed"], item["former_secret_until"],
    )  # fmt: skip
    assert "secret-path" not in json.dumps(listed)
    status, tested = await _api(office, "administrator", "POST", f"/{endpoint.id}/test")
    assert (200, None, "") == (status, tested["test"]["at"], tested["test"]["failed"])
    await office.send()
    (_, listed) = await _api(office, "administrator", "GET", "")
    assert listed["items"][0]["test"]["at"] is not None
    at = f"/{endpoint.id}/secret"
    status, made = await _api(office, "administrator", "POST", at, {"renewed": 0})
    assert (200, _secret(office, endpoint, 1)) == (status, made["secret"])
    assert made == (await _api(office, "administrator", "POST", at, {"renewed": 0}))[1]
    status, refused = await _api(office, "administrator", "POST", at, {"renewed": 1})
    assert (409, "former-still-signs") == (status, refused["code"])
    status, made = await _api(office, "administrator", "POST", at, {"renewed": 1, "at_once": True})
    assert (200, None) == (status, made["former_secret_until"])
    assert 404 == (await _api(office, "administrator", "POST", "/none/test"))[0]
    for who in ("housing", "dispatcher"):
        for method, path in (("GET", ""), ("POST", f"/{endpoint.id}/test"), ("POST", at)):
            body = {"renewed": 2} if path == at else None
            assert 403 == (await _api(office, who, method, path, body))[0]


@pytest.mark.parametrize("race", [False, True])
async def test_who_ends_the_former_secret_at_once_ends_it_whoever_renewed_meanwhile(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, race: bool
) -> None:
    """They know of a leak, and read the list before somebody else left that secret a week; sent again, it is done once."""
    endpoint, pool, now = await hears(office, receiver.url), office.city.pool, office.now()

    async def quicker() -> None:
        await renew(pool, endpoint.id, seen=0, at_once=False, by="sun", now=now)

    async def ended() -> tuple[tuple[int, ...], list[tuple[str, str]]]:
        done = await renew(pool, endpoint.id, seen=0, at_once=True, by="li", now=now)
        assert done == await endpoints.find(pool, endpoint.id)
        return done.secrets(now), [(each.what, each.by) for each in await endpoints.changes(pool, 9)]

    if race:
        looked = endpoints.find

        async def overtaken(db: Any, endpoint_id: str) -> Any:
            monkeypatch.setattr(endpoints, "find", looked)
            found = await looked(db, endpoint_id)
            await quicker()
            return found

        monkeypatch.setattr(endpoints, "find", overtaken)
    else:
        await quicker()
    for _ in range(2):
        assert ((1,), [("former ended", "li"), ("renewed", "sun"), ("added", "admin")]) == await ended()


async def test_the_commands_test_and_renew(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list says how the test went and until when the former secret is valid; the secret is printed once."""
    for module in ("webhooks", "endpoints"):
        monkeypatch.setattr(f"deploy.commands.{module}.settings_here", lambda: office.city.settings)
    endpoint = await hears(office, receiver.url)

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, webhook, words)

    async def listed() -> Any:
        return json.loads((await run("list", "--json")).stdout)

    assert ("", "") == ((await listed())["test"], (await listed())["former_secret_until"])
    assert 0 == (await run("test", endpoint.id)).exit_code
    assert "waiting" == (await listed())["test"]
    await office.send()
    assert "taken" == (await listed())["test"]
    assert re.search(r"tested \S+: taken|测试 \S+：已收下", (await run("list")).stdout)
    renewed = json.loads((await run("renew-secret", endpoint.id, "--json")).stdout)
    assert _secret(office, endpoint, 1) == renewed["secret"]
    assert renewed["former_secret_until"] == (await listed())["former_secret_until"] != ""
    assert isinstance((await run("renew-secret", endpoint.id)).exception, FormerStillSigns)
    at_once = await run("renew-secret", endpoint.id, "--at-once")
    assert [_secret(office, endpoint, 2)] == at_once.stdout.split()
    for command in ("test", "renew-secret"):
        for wrong in ("nobody", _NOBODY):
            assert isinstance((await run(command, wrong)).exception, NotFound)
