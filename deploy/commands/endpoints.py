"""What `huiyin webhook` and `huiyin notices` do with addresses of staff and of other systems."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from deploy import clock, composition
from deploy.accounts.who_runs import who_runs
from deploy.commands.refusals import wrong_option
from deploy.database.pool import connect
from deploy.local.running import settings_here
from deploy.notices import endpoints
from deploy.notices.endpoints import ChangedEndpoint, Endpoint
from deploy.notices.renewing import renew
from deploy.notices.testing import ask_test
from schemas.bilingual import Bilingual
from schemas.errors import NotFound
from schemas.ids import DepartmentCode, is_uuid
from schemas.notices import Audience, NoticeChannel
from schemas.ports import Database
from schemas.words import Language, Role

_ROLES = {Role.DISPATCHER: Audience.DISPATCHERS, Role.SUPERVISOR: Audience.SUPERVISORS}


class NoSuchAddress(NotFound):
    """Nobody is told at an address with this id."""

    en = "no address {id}; see huiyin notices addresses"
    zh = "没有地址 {id}；请看 huiyin notices addresses"


def audience_of(
    department: str | None, role: Role | None = None, *, city: bool = False
) -> tuple[Audience, DepartmentCode | None]:
    """Whom the options name; a department must be one of the city's."""
    if (department is not None) + (role is not None) + city != 1:
        raise wrong_option("请写明给谁，只写一个", "say whom it is for, once")
    if department is not None:
        if department not in composition.city_of(settings_here()).department:
            raise wrong_option(
                f"departments.toml 中没有单位 {department}", f"no department {department} in departments.toml"
            )
        return Audience.DEPARTMENT, DepartmentCode(department)
    if role is not None and role not in _ROLES:
        raise wrong_option("角色应为 dispatcher 或 supervisor", "the role is dispatcher or supervisor")
    return (Audience.CITY if role is None else _ROLES[role]), None


async def added_endpoint(
    audience: Audience,
    department: DepartmentCode | None,
    channel: NoticeChannel,
    address: str,
    language: Language = Language.ZH,
) -> Endpoint:
    """Add this address to those that are told, in the name of whoever is logged in here."""
    async with connect(settings_here()) as db:
        return await endpoints.add(
            db, audience=audience, department=department, channel=channel, address=address, language=language,
            now=clock.now(), by=who_runs(),
        )  # fmt: skip


async def known_endpoints() -> Sequence[Endpoint]:
    """Every address that is told, switched off or not."""
    async with connect(settings_here()) as db:
        return await endpoints.listed(db)


def state_of(endpoint: Endpoint) -> Bilingual:
    """Whether it takes what it is sent, in a word."""
    if endpoint.disabled_at:
        return Bilingual(zh="已停用", en="disabled")
    return Bilingual(zh="失败", en="failing") if endpoint.failing_since else Bilingual(zh="正常", en="ok")


async def removed_endpoint(id_: str) -> None:
    """Remove the address with this id, so that it is sent no more notices."""
    await _changed(id_, endpoints.remove)


async def enabled_endpoint(id_: str) -> None:
    """Switch an address on again, so that it is tried."""
    await _changed(id_, endpoints.enable)


async def disabled_endpoint(id_: str, reason: str) -> None:
    """Switch an address off, and say why: it is told nothing until somebody switches it on again."""
    await _changed(id_, partial(endpoints.disable, reason=reason))


async def endpoint_changes(limit: int) -> Sequence[ChangedEndpoint]:
    """Who did what to which address, the latest first."""
    async with connect(settings_here()) as db:
        return await endpoints.changes(db, limit)


async def tested_endpoint(id_: str) -> None:
    """Have a webhook sent a test message."""
    async with connect(settings_here()) as db:
        await ask_test(db, await _webhook(db, id_), clock.now())


async def renewed_endpoint(id_: str, *, at_once: bool) -> Endpoint:
    """Give a webhook another secret; how it stands then."""
    async with connect(settings_here()) as db:
        known = await _webhook(db, id_)
        return await renew(db, known.id, seen=known.renewed, at_once=at_once, by=who_runs(), now=clock.now())


async def _webhook(db: Database, id_: str) -> Endpoint:
    known = await endpoints.find(db, id_) if is_uuid(id_) else None
    if known is None or known.channel is not NoticeChannel.WEBHOOK:
        raise NoSuchAddress(id=id_)
    return known


class _Change(Protocol):
    """Something that is done to an address; whether there was one."""

    async def __call__(self, db: Database, endpoint_id: str, *, by: str, now: datetime) -> bool: ...


async def _changed(id_: str, change: _Change) -> None:
    if not is_uuid(id_):
        raise NoSuchAddress(id=id_)
    async with connect(settings_here()) as db:
        done = await change(db, id_, by=who_runs(), now=clock.now())
    if not done:
        raise NoSuchAddress(id=id_)


def run_added(audience: Audience, department: DepartmentCode | None, url: str) -> Endpoint:
    """Add a webhook to the addresses that are told."""
    return asyncio.run(added_endpoint(audience, department, NoticeChannel.WEBHOOK, url))
