"""Before the processes start: the schema, the topics, and for a demo its accounts and tokens."""

import asyncio
from pathlib import Path

from deploy.composition import city_of
from deploy.database.migrate import migrate
from deploy.local.demo_accounts import let_demo_in, make_demo_accounts, shut_demo_out
from deploy.messaging.first_signed import mark_first_signed
from deploy.messaging.topics import create_topics
from deploy.settings import Settings


async def prepare(settings: Settings, demo_file: Path | None = None, *, demo: bool = False) -> None:
    """Everything that must exist; harmless when it does. With `demo` its accounts, told in `demo_file`, else none."""
    topics = asyncio.create_task(create_topics(settings, city_of(settings)))
    await migrate(settings)
    if demo_file is not None:
        await _prepare_demo(settings, demo_file, is_there=demo_file.exists(), demo=demo)  # noqa: ASYNC240  once, at the start
    await topics
    await mark_first_signed(settings)


async def _prepare_demo(settings: Settings, demo_file: Path, *, is_there: bool, demo: bool) -> None:
    if demo and not is_there:
        await make_demo_accounts(settings, demo_file)
    elif demo:
        await let_demo_in(settings, demo_file)
    elif is_there:
        await shut_demo_out(settings, demo_file)
