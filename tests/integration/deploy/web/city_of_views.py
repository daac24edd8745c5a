"""The whole site over a database of its own, with two cases that every slice knows: who looks at them leaves a trace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from pydantic import SecretStr

from deploy import composition
from deploy.accounts import sessions, tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.bench.pages_asked import ASKERS
from deploy.composition import changing_by_command
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from deploy.web.site import csrf
from deploy.web.site.cookies import SESSION
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign, handle_events
from intake.core.accepting import Accepted, Envelope, accepted
from intake.core.draft import Draft
from intake.core.registration import prepare_messages
from intake.steps.register import register_cases
from schemas.city import load_city
from schemas.events.intake import CaseRegistered
from schemas.events.routing import SupplementJudged
from schemas.http import STAFF, Principal, Route
from schemas.ids import CaseId, DepartmentCode
from schemas.values import Contact, Place
from schemas.words import CaseField, Role
from sla.core.calendar import china_calendar
from tests.conftest import RecordingUnit
from tests.integration.deploy.web.whole_site import whole_site
from tests.integration.routing.cases import route as route_case
from tests.integration.sla.events import Sla
from tests.unit.handlers.making import routed
from tests.unit.intake.messages import WEB

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CITY = load_city()
HOUSING = DepartmentCode("housing")
SECRET = SecretStr("a secret for tests only, long enough")


@dataclass(frozen=True, kw_only=True)
class KnownCase:
    """A case, and words that stand in no other case and nowhere else."""

    case_id: CaseId
    tracking_code: str
    access_code: str
    words: dict[CaseField, str]


@dataclass(kw_only=True)
class WatchedCity:
    """The site, its cases, and everybody's keys."""

    settings: Settings
    pool: Pool
    http: aiohttp.ClientSession
    in_hand: KnownCase
    replied: KnownCase
    tokens: dict[Role, str]
    cookies: dict[Role, str]

    def asker(self, route: Route) -> Role:
        """A role that may call it."""
        return next(role for role in ASKERS if role in route.who)

    async def ask(
        self, route: Route, case: KnownCase, *, form: dict[str, str] | None = None, json: Any = None
    ) -> str:
        """What the route answers about the case, refusals too."""
        role = self.asker(route)
        path = route.path.replace("{case_id}", case.case_id)
        headers = {"sec-fetch-site": "same-origin"}
        if route.page:
            headers["cookie"] = f"{SESSION}={self.cookies[role]}"
        else:
            headers["authorization"] = f"Bearer {self.tokens[role]}"
        data = None
        if route.page and route.method == "POST":
            data = {
                csrf.FIELD: csrf.issue(self.settings.derived("forms"), self.cookies[role]),
                **(form or {}),
            }
        async with self.http.request(
            route.method, path, headers=headers, data=data, json=json, allow_redirects=False
        ) as answer:
            return await answer.text()

    async def rows(self, case: KnownCase) -> list[Any]:
        """Who looked at the case, in order."""
        return await self.pool.fetch(
            "SELECT * FROM deploy.case_view WHERE case_id = $1 ORDER BY id", case.case_id
        )


def staff_routes(routes: Any) -> list[Route]:
    """Those that only staff may call, but for the stream, which has no end."""
    return [route for route in routes if route.who & STAFF and not route.path.endswith("/stream")]


@asynccontextmanager
async def watched_city(database_url: str, kafka: Any = None) -> AsyncIterator[WatchedCity]:
    """The city, in a migrated database without rows. `kafka`: what takes messages; None: none is sent any."""
    settings = Settings(database_url=database_url, secret_key=SECRET)
    async with open_pool(settings, size=4) as pool, whole_site(settings, pool, kafka) as http:
        keys, cookies = await _keys(settings, pool)
        in_hand, replied = await _cases(settings, pool)
        yield WatchedCity(
            settings=settings, pool=pool, http=http, in_hand=in_hand, replied=replied, tokens=keys, cookies=cookies
        )  # fmt: skip


async def _keys(settings: Settings, pool: Pool) -> tuple[dict[Role, str], dict[Role, str]]:
    keys, cookies = {}, {}
    async with pool.acquire() as db:
        for role in ASKERS:
            unit = HOUSING if role is Role.DEPARTMENT else None
            keys[role] = await tokens.create_token(
                db,
                token_secrets(settings),
                CITY,
                changing_by_command(settings),
                name=f"system of {role}",
                role=role,
                department=unit,
            )
            await db.execute(
                "INSERT INTO deploy.account (username, password_hash, role, department) VALUES ($1, '', $2, $3)",
                f"clerk-{role}",
                role.value,
                unit,
            )
            cookies[role] = await sessions.open_session(
                db, composition.sign_in_keys(settings), f"clerk-{role}", datetime.now(UTC)
            )
    return keys, cookies


async def _cases(settings: Settings, pool: Pool) -> tuple[KnownCase, KnownCase]:
    async with pool.acquire() as db, db.transaction():
        unit = RecordingUnit(db, NOW)
        in_hand, replied = await _case(settings, unit, "甲"), await _case(settings, unit, "乙")
        await _reply(unit, replied)
        # The dispatcher's page of the one shows the other, too.
        await db.execute(
            "UPDATE routing.case SET suspected_duplicate = $2, similarity = 0.9 WHERE case_id = $1",
            in_hand.case_id,
            replied.case_id,
        )
        await unit.flush()
    return in_hand, replied


async def _case(settings: Settings, unit: RecordingUnit, mark: str) -> KnownCase:
    """Open in routing's queue, with housing, and with clocks: each slice hears what it would hear."""
    words = {
        CaseField.TITLE: f"一件小事{mark}",
        CaseField.TEXT: f"请看一下{mark}，谢谢。",
        CaseField.PLACE: f"河边{mark}",
        CaseField.SUPPLEMENTS: f"补充一句{mark}",
        CaseField.CONTACT: "li-jia@example.org" if mark == "甲" else "li-yi@example.org",
    }
    message = _message(settings, words)
    keys = composition.intake_keys(settings)
    await register_cases(unit, [message.event], prepare_messages([message.event], keys=keys))
    (registered,) = [
        e for e in unit.emitted if isinstance(e, CaseRegistered) and e.case_id == message.event.case_id
    ]
    await route_case(unit, [registered])
    await assign.open_cases(
        unit,
        [
            routed(
                case_id=registered.case_id,
                tracking_code=registered.tracking_code,
                title=registered.title,
                text=registered.text,
                place=registered.place,
            )
        ],
    )
    await handle_events.supplement_cases(
        unit,
        [
            SupplementJudged(
                case_id=registered.case_id,
                version=1,
                at=NOW,
                supplemented_at=NOW,
                text=words[CaseField.SUPPLEMENTS],
            )
        ],
    )
    sla = Sla(unit=unit, calendar=china_calendar(), rules=composition.deadline_rules(settings), city=CITY)
    await sla.hear(registered)
    codes = message.codes
    return KnownCase(
        case_id=registered.case_id,
        tracking_code=codes.tracking_code,
        access_code=codes.access_code,
        words=words,
    )


def _message(settings: Settings, words: dict[CaseField, str]) -> Accepted:
    draft = Draft(
        title=words[CaseField.TITLE],
        text=words[CaseField.TEXT],
        place=Place(address=words[CaseField.PLACE]),
        contact=Contact(email=words[CaseField.CONTACT]),
        confidential=True,
    )
    entropy = words[CaseField.TITLE].encode().ljust(32, b".")[:32]
    envelope = Envelope(sender=WEB, key=None, now=NOW, entropy=entropy)
    return accepted(draft, envelope, keys=composition.intake_keys(settings))


async def _reply(unit: RecordingUnit, case: KnownCase) -> None:
    clerk = Principal(role=Role.DEPARTMENT, name="clerk", department=HOUSING)
    signed = await act_on_case.act(unit, clerk, case.case_id, Action.SIGN, Sign(version=3), CITY)
    case.words.update({CaseField.NOTE: "内部已办乙", CaseField.RESPONSE: "给您的答复乙"})
    body = Reply(
        version=signed.version, note=case.words[CaseField.NOTE], response=case.words[CaseField.RESPONSE]
    )
    await act_on_case.act(unit, clerk, case.case_id, Action.REPLY, body, CITY)
