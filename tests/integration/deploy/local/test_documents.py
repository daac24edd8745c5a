"""What the documents tell people to type works as it stands."""

import asyncio
import json
import os
import re
import subprocess

import aiohttp
import pytest
import typer
from typer.testing import CliRunner

from deploy.commands.accounts import register
from tests.architecture.source import ROOT
from tests.integration.deploy.local.machine import Machine

_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PASSWORD = "a-city-of-nine-lakes"


def shell_of(document: str) -> str:
    """The lines that a document tells people to type, one after the other."""
    return "\n".join(_SHELL.findall((ROOT / "docs" / document).read_text(encoding="utf-8")))


def test_connecting(machine: Machine) -> None:
    """From a citizen's message to its published answer and rating, over HTTP alone."""
    environment = {**os.environ, "URL": machine.url, "DEMO": str(machine.data / "demo.json")}
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", shell_of("connecting.md")],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    lines = done.stdout.split("\n")[:-1]
    *_, response, rating, hotline_code, mini_app_code, published, offered, status, lists = lines

    assert 0 == done.returncode, done.stderr[-2000:]
    assert "您好，损坏的路灯已于今日更换。" == response
    assert "5" == rating
    for code in (hotline_code, mini_app_code):
        assert re.fullmatch(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", code)
    assert int(published) >= 1
    assert offered.startswith("[")
    assert ("open", "1") == (status, lists)


async def test_a_citys_first_account(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command of the first hour is one that exists, and who was added can sign in."""
    monkeypatch.setenv("HUIYIN_DATA", str(machine.data))
    app = typer.Typer()
    register(app)
    commands = [line.partition("#")[0].split()[1:] for line in shell_of("operations.md").splitlines()]
    adding = [words for words in commands if words[:2] in (["user", "add"], ["token", "add"])]
    for words in adding:
        extra = ["--password-stdin"] if words[0] == "user" else []
        # Here: eight Pythons would take five seconds of the processor.
        done = await asyncio.to_thread(CliRunner().invoke, app, [*words, *extra], input=PASSWORD)
        assert 0 == done.exit_code, (words, done.output)
    assert 8 == len(adding)

    jar = aiohttp.CookieJar(unsafe=True)  # an address, not a name
    async with aiohttp.ClientSession(machine.url, cookie_jar=jar) as session:
        async with session.get("/sign-in") as answer:
            token = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
        assert token is not None
        form = {"csrf": token[1], "username": "dispatcher-wang", "password": PASSWORD}
        async with session.post("/sign-in", data=form, allow_redirects=False) as answer:
            assert (303, "/review") == (answer.status, answer.headers["location"])


async def test_tokens_are_shown_once(machine: Machine) -> None:
    """The token that a command prints is one that the API knows, and no other is."""
    made = json.loads(
        machine.huiyin("token", "add", "--role", "dispatcher", "--name", "watcher", "--json").stdout
    )

    assert {"token", "name", "role", "department", "expires_at"} == made.keys()
    async with aiohttp.ClientSession(machine.url) as session:
        for token, status in ((made["token"], 200), (made["token"][:-1] + "?", 401)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get("/api/v1/review/cases", headers=headers) as answer:
                assert status == answer.status
