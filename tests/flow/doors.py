"""The five doors that a message comes in by: API, form, mini-app, hotline, file."""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp

from intake.core.mini_app_signature import sign
from tests.flow.canaries import Planted, as_json_line, dealt
from tests.stack import Stack

DOORS = ("api", "form", "mini-app", "hotline", "import")


async def send_by_all(
    city: Stack, http: aiohttp.ClientSession, messages: Sequence[Planted]
) -> tuple[Sequence[Planted], str]:
    """Each message by one door, with the codes that it gave; and what the import said."""
    shared = dealt(messages, DOORS)
    senders: Mapping[str, Callable[..., Awaitable[Planted]]] = {
        "api": _by_api, "form": _by_form, "mini-app": _by_mini_app, "hotline": _by_hotline,
    }  # fmt: skip
    sent = [await senders[door](city, http, message) for door, message in shared if door != "import"]
    filed = [message for door, message in shared if door == "import"]
    said = await asyncio.to_thread(_by_file, city, filed)
    return sorted([*sent, *filed], key=lambda message: message.number), said


async def _by_api(city: Stack, http: aiohttp.ClientSession, message: Planted) -> Planted:
    contact = {"name": message.name, "phone": message.phone, "email": message.email}
    body = {"title": message.title, "text": message.text, "contact": contact, "publish": True}
    return await _posted(http, message, "/api/v1/submissions", json=body)


async def _by_form(city: Stack, http: aiohttp.ClientSession, message: Planted) -> Planted:
    async with http.get("/submit") as page:
        token = (await page.text()).partition('name="csrf" value="')[2].partition('"')[0]
    form = {
        "csrf": token, "nonce": secrets.token_urlsafe(18), "title": message.title, "text": message.text,
        "name": message.name, "phone": message.phone, "email": message.email, "publish": "yes",
    }  # fmt: skip
    async with http.post("/submit/done", data=form) as answer:
        assert answer.status == 200, await answer.text()
    return message


async def _by_mini_app(city: Stack, http: aiohttp.ClientSession, message: Planted) -> Planted:
    body = {
        "title": message.title, "text": message.text, "publish": True,
        "contact": {"name": message.name, "phone": message.phone, "email": message.email},
    }  # fmt: skip
    raw = json.dumps(body, ensure_ascii=False).encode()
    app, nonce, moment = "demo-app", secrets.token_hex(12), str(int(time.time()))
    secret = json.loads(city.environment["MINI_APPS"])[app]
    headers = {
        "X-App": app, "X-Timestamp": moment, "X-Nonce": nonce, "Content-Type": "application/json",
        "X-Signature": sign(secret, app=app, timestamp=moment, nonce=nonce, body=raw),
    }  # fmt: skip
    return await _posted(http, message, "/api/v1/mini-app/submissions", data=raw, headers=headers)


async def _by_hotline(city: Stack, http: aiohttp.ClientSession, message: Planted) -> Planted:
    turns = [
        {"speaker": "agent", "text": "您好，请讲。", "at_seconds": 0},
        {"speaker": "citizen", "text": message.text, "at_seconds": 2},
        {"speaker": "agent", "text": f"您的电话是{message.phone}，对吗？", "at_seconds": 40},
        {"speaker": "citizen", "text": f"对，{message.phone}。", "at_seconds": 44},
    ]
    body = {
        "call_id": hashlib.sha256(message.title.encode()).hexdigest()[:16], "title": message.title,
        "started_at": datetime.now(UTC).isoformat(), "turns": turns, "publish": True,
        "caller": {"name": message.name, "phone": message.phone},
    }  # fmt: skip
    return await _posted(
        http, message, "/api/v1/hotline/transcripts", json=body, headers=city.token("hotline")
    )


async def _posted(http: aiohttp.ClientSession, message: Planted, path: str, **content: Any) -> Planted:
    async with http.post(path, **content) as answer:
        accepted = await answer.json()
        assert answer.status == 202, accepted
    return replace(message, codes={name: accepted[name] for name in ("tracking_code", "access_code")})


def _by_file(city: Stack, messages: Sequence[Planted]) -> str:
    """What the command said."""
    file = city.directory / "canaries.jsonl"
    file.write_text("\n".join(map(as_json_line, messages)) + "\n", encoding="utf-8")
    done = city.command("import", str(file), "--channel", "web", "--json")
    return done.stdout + done.stderr
