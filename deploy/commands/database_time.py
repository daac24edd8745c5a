"""The database's time for a command that stamps records for Kafka and needs no database otherwise."""

import asyncpg

from deploy.access import AccessDenied
from deploy.commands.speech import say
from deploy.database.pool import TRANSIENT, connect
from deploy.settings import Settings


async def go_by_the_database(settings: Settings) -> None:
    """Hear what time it is in the database, by which all go; where that cannot be asked, say so on stderr."""
    try:
        async with connect(settings):
            return
    except (AccessDenied, asyncpg.PostgresError, *TRANSIENT):
        say(
            "数据库无法连接：本次发送的内容按本机时钟记时",
            "the database cannot be reached: what is sent now is stamped by this machine's own clock",
        )
