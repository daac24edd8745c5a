"""By what time a command stamps what it sends to Kafka, where it needs no database for anything else."""

import asyncpg
import typer

from deploy.access import AccessDenied
from deploy.database.pool import TRANSIENT, connect
from deploy.settings import Settings, callers_language

_ZH = "数据库无法连接：本次发送的内容按本机时钟记时"
_EN = "the database cannot be reached: what is sent now is stamped by this machine's own clock"


async def go_by_the_database(settings: Settings) -> None:
    """Hear what time it is in the database, by which all go; where that cannot be asked, say so on stderr."""
    try:
        async with connect(settings):
            return
    except (AccessDenied, asyncpg.PostgresError, *TRANSIENT):
        typer.echo(callers_language().choose(_ZH, _EN), err=True)
