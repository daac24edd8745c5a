"""Before the processes start: the schema, the topics, and for a demo its accounts and tokens."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from deploy.composition import city_of
from deploy.database import known_ends
from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.demo_accounts import ensure_demo, shut_demo_out
from deploy.local.terminal import say
from deploy.messaging.client.client import observed
from deploy.messaging.records.first_signed import mark_first_signed
from deploy.messaging.topics.topics import create_topics
from deploy.settings import Settings


async def prepare(settings: Settings, demo_file: Path | None = None, *, demo: bool = False) -> None:
    """Everything that must exist; harmless when it does. With `demo` its accounts, told in `demo_file`, else none.

    Without `demo_file` a demo's accounts stay as they are: another machine may show it with this database.
    """
    topics = asyncio.create_task(
        create_topics(settings, city_of(settings), lambda new: forget_ends(settings, new))
    )
    # Where the database refuses first, that is what is said, and nothing besides.
    topics.add_done_callback(observed)
    await migrate(settings, lambda said: say(said.zh, said.en))
    if demo_file is not None:
        await (ensure_demo(settings, demo_file) if demo else shut_demo_out(settings))
    await topics
    await mark_first_signed(settings)


async def forget_ends(settings: Settings, new: Sequence[str]) -> None:
    """Where topics ended that are about to be made; says so where they were there before, and what lay unread is gone."""
    async with connect(settings.as_owner) as db:
        # A database that never had this table knows of no topic.
        is_there = await db.fetchval("SELECT to_regclass('deploy.known_end') IS NOT NULL")
        gone = await known_ends.forget(db, new) if is_there else ()
    if gone:
        named = ", ".join(gone)
        say(
            f"这些主题重新建立，其中未读的记录已丢失，请运行 huiyin reconcile：{named}",
            f"made anew, and what lay unread there is gone; run huiyin reconcile: {named}",
        )
