"""A city whose staff hear by e-mail and webhook, with real receivers."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from deploy import composition
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.notices.office import Office
from tests.integration.deploy.notices.receiver import Receiver
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.mail_servers import SmtpServer
from tests.stack import fresh_database


@pytest.fixture(scope="module")
async def smtp() -> AsyncIterator[SmtpServer]:
    """The next server."""
    server = SmtpServer()
    async with server.running() as port:
        server.port = port
        yield server


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres,
    migrated: str,
    smtp: SmtpServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[FileCity]:
    """One for the file."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(
        url,
        tmp_path_factory.mktemp("files"),
        smtp_url=f"smtp://127.0.0.1:{smtp.port}",
        mail_from="no-reply@city.example",
        webhooks_private=True,
    ) as city:
        yield city


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Another system."""
    receiver = Receiver()
    async with receiver.running() as url:
        receiver.url = url
        yield receiver


@pytest.fixture
async def office(city: FileCity, smtp: SmtpServer) -> Office:
    """Nobody hears anything yet; it is ten in the morning."""
    smtp.letters.clear()
    smtp.verdict, smtp.answers = "250 ok", {}
    office = Office(city)
    await office.forget()
    local = datetime.now(composition.city_of(city.settings).zone)
    office.ahead = local.replace(hour=10, minute=0) - local + timedelta(days=local.hour >= 10)
    return office
