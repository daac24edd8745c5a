"""Before the processes start: the schema, the topics, and for a demo its accounts and tokens."""

import asyncio
import json
import os
import secrets
from pathlib import Path
from typing import Any

import structlog

from deploy.accounts import credentials
from deploy.accounts.passwords import Passwords
from deploy.composition import city_of
from deploy.database.migrate import migrate
from deploy.database.pool import Connection, connect
from deploy.messaging.topics import create_topics
from deploy.settings import Settings
from schemas.city import City
from schemas.ids import DepartmentCode
from schemas.words import Role

log = structlog.get_logger()

#: Departments whose people can sign in in the demo; every department has a token.
DEMO_DEPARTMENTS = ("urban-management", "housing", "transport", "environment", "market", "district-donghu")
DEMO_STAFF = (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
DEMO_APP = "demo-app"


async def prepare(settings: Settings, *, demo_file: Path | None = None) -> None:
    """Everything that must exist; harmless when it does. `demo_file`: make demo accounts, and write them there."""
    topics = asyncio.create_task(create_topics(settings, city_of(settings)))
    await migrate(settings)
    if demo_file is not None:
        await _make_demo(settings, demo_file)
    await topics


async def _make_demo(settings: Settings, demo_file: Path) -> None:
    city = city_of(settings)
    async with connect(settings) as db, db.transaction():
        content = {
            "url": settings.base_url,
            "accounts": await _demo_accounts(db, city),
            "tokens": await _demo_tokens(db, city),
            "mini_app": {"app": DEMO_APP, "secret": settings.mini_app_secrets[DEMO_APP]},
        }
    _write_secret(demo_file, content)


async def _demo_accounts(db: Connection, city: City) -> list[dict[str, Any]]:
    wanted: list[tuple[str, Role, DepartmentCode | None]] = [(role.value, role, None) for role in DEMO_STAFF]
    wanted += [
        (code, Role.DEPARTMENT, DepartmentCode(code)) for code in DEMO_DEPARTMENTS if code in city.department
    ]
    password = secrets.token_urlsafe(9)
    passwords = Passwords()
    made: list[dict[str, Any]] = []
    for username, role, department in wanted:
        await credentials.create_account(
            db, passwords, city, username=username, password=password, role=role, department=department
        )
        account = {"role": role.value, "username": username, "password": password}
        made.append(account | ({"department": department} if department else {}))
    return made


async def _demo_tokens(db: Connection, city: City) -> dict[str, Any]:
    tokens: dict[str, Any] = {"departments": {}}
    for department in city.departments:
        tokens["departments"][department.code] = await credentials.create_token(
            db, city, name=f"demo-{department.code}", role=Role.DEPARTMENT, department=department.code
        )
    for role in (Role.HOTLINE, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR):
        tokens[role.value] = await credentials.create_token(db, city, name=f"demo-{role.value}", role=role)
    return tokens


def _write_secret(file: Path, content: dict[str, Any]) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
