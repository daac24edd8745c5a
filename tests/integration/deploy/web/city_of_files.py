"""The whole site over a database and a folder of its own; a message goes to its department when the test says so."""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import aiohttp
from pydantic import SecretStr

from deploy import composition
from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.composition import changing_by_command
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from handlers.steps import assign
from intake.core.registration import prepare_messages
from intake.steps.register import register_cases
from schemas.city import load_city
from schemas.event import Event
from schemas.events.intake import CaseRegistered, SubmissionAccepted
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.web.whole_site import whole_site
from tests.integration.routing.cases import route
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.handlers.making import routed

CITY = load_city()
HOUSING, WATER = DepartmentCode("housing"), DepartmentCode("water")
MESSAGE = {"title": "楼道灯坏了", "text": "三号楼的楼道灯坏了一个月，晚上看不见路。"}
JSON = Mapping[str, Any]


@dataclass(kw_only=True)
class FileCity:
    """The site, what it said to Kafka, and everybody's keys."""

    settings: Settings
    pool: Pool
    http: aiohttp.ClientSession
    kafka: KafkaInMemory
    tokens: dict[str, str]

    async def upload(self, content: bytes, name: str = "a.pdf", **headers: str) -> tuple[int, JSON]:
        """Status and answer."""
        async with self.http.post(
            "/api/v1/attachments", params={"name": name}, data=io.BytesIO(content), headers=headers
        ) as answer:
            return answer.status, await answer.json()

    async def upload_from(self, address: str, content: bytes, **headers: str) -> int:
        """Status of the same from somewhere else, as our proxy says."""
        status, _ = await self.upload(content, **{"x-forwarded-for": address, **headers})
        return status

    async def submit(self, *ids: str, **more: object) -> tuple[int, JSON]:
        """A message that names these files: status and answer."""
        body = {**MESSAGE, "attachments": list(ids), **more}
        async with self.http.post("/api/v1/submissions", json=body) as answer:
            return answer.status, await answer.json()

    async def registered(self) -> CaseRegistered:
        """What intake says of the latest message."""
        event = self.kafka.events[-1]
        assert isinstance(event, SubmissionAccepted)
        async with self.pool.acquire() as db, db.transaction():
            unit = RecordingUnit(db, datetime.now(UTC))
            ready = prepare_messages([event], keys=composition.intake_keys(self.settings))
            await register_cases(unit, [event], ready)
            return next(each for each in unit.emitted if isinstance(each, CaseRegistered))

    async def to(
        self, case: CaseRegistered, department: DepartmentCode = HOUSING, **more: object
    ) -> list[Event]:
        """Give the case to a department, and to the dispatcher's queue; what is said then."""
        async with self.pool.acquire() as db, db.transaction():
            unit = RecordingUnit(db, datetime.now(UTC))
            await route(unit, [case])
            facts = {"tracking_code": case.tracking_code, "attachments": case.attachments, "lead": department}
            event = routed(case_id=case.case_id, **facts, **more)
            await assign.open_cases(unit, [event])
            return [*unit.emitted, *(event for _, event in unit.emitted_to)]

    async def desk(self, case_id: CaseId, who: str = "housing") -> tuple[int, JSON]:
        """The case at a department's desk."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        async with self.http.get(f"/api/v1/desk/cases/{case_id}", headers=headers) as answer:
            return answer.status, await answer.json()

    async def follow(self, codes: JSON) -> JSON:
        """The case as its citizen gets it."""
        async with self.http.get(
            f"/api/v1/submissions/{codes['tracking_code']}", headers={"Access-Code": codes["access_code"]}
        ) as answer:
            return cast("JSON", await answer.json())

    async def fetch(self, url: str, who: str | JSON = "") -> tuple[int, bytes, Mapping[str, str]]:
        """Status, bytes and headers of an address, for a token's holder by name, a citizen with their codes, or nobody."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if isinstance(who, str) and who else {}
        if not isinstance(who, str):
            headers = {"Access-Code": who["access_code"]}
        async with self.http.get(url, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Somebody's browser, which keeps its cookies."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(str(self.http._base_url), cookie_jar=jar) as http:
            yield http

    @property
    def blobs(self) -> list[Path]:
        """What lies in the folder."""
        return sorted(each for each in self.settings.attachment_folder.rglob("*") if each.is_file())


@asynccontextmanager
async def file_city(database_url: str, folder: Path, **more: Any) -> AsyncIterator[FileCity]:
    """The city, in a migrated database without rows, with its files in `folder`."""
    settings = Settings(
        database_url=database_url,
        secret_key=SecretStr("a secret for tests only, long enough"),
        attachments_directory=folder,
        **more,
    )
    kafka = KafkaInMemory()
    async with open_pool(settings, size=4) as pool, whole_site(settings, pool, kafka) as http:
        keys = await _keys(settings, pool)
        yield FileCity(settings=settings, pool=pool, http=http, kafka=kafka, tokens=keys)


async def _keys(settings: Settings, pool: Pool) -> dict[str, str]:
    async with pool.acquire() as db:
        return {
            name: await tokens.create_token(
                db,
                token_secrets(settings),
                CITY,
                changing_by_command(settings),
                name=name,
                role=role,
                department=unit,
            )
            for name, role, unit in (
                ("housing", Role.DEPARTMENT, HOUSING),
                ("water", Role.DEPARTMENT, WATER),
                ("dispatcher", Role.DISPATCHER, None),
                ("administrator", Role.ADMINISTRATOR, None),
            )
        }
