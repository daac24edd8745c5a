"""Before the processes start: the schema, the topics, and for a demo its accounts and tokens."""

import asyncio
from pathlib import Path

from deploy.composition import city_of
from deploy.database.migrate import migrate
from deploy.local.demo_accounts import make_demo_accounts
from deploy.messaging.first_signed import mark_first_signed
from deploy.messaging.topics import create_topics
from deploy.settings import Settings


async def prepare(settings: Settings, *, demo_file: Path | None = None) -> None:
    """Everything that must exist; harmless when it does. `demo_file`: make demo accounts, and write them there."""
    topics = asyncio.create_task(create_topics(settings, city_of(settings)))
    await migrate(settings)
    if demo_file is not None:
        await make_demo_accounts(settings, demo_file)
    await topics
    await mark_first_signed(settings)
