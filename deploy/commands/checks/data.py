"""Whether the data directory is there that something was started on."""

import os
from collections.abc import Iterator
from pathlib import Path

from deploy.commands.checks.findings import Finding
from deploy.commands.status import NothingRuns
from deploy.local.closed import DataClosed, ensure_open
from deploy.local.supervisor import Status, read_state
from deploy.settings import Settings
from schemas.bilingual import Bilingual

_START = Bilingual(zh="放回后启动：huiyin up", en="put it back, then: huiyin up")


def check_data(settings: Settings, data: Path) -> Iterator[Finding]:
    """What was stopped because its data was gone, and a directory in which nothing is; on servers of your own neither."""
    state = read_state(data.absolute() / "state.json")
    if state is not None and state.status is Status.STOPPED and state.why.en:
        yield Finding(check="data", state="fail", found=state.why, remedy=_START)
    elif state is None and not (settings.database_url and settings.kafka_bootstrap_servers):
        yield Finding(check="data", state="warn", found=NothingRuns(data=data).in_both())
    elif data.is_dir() and data.stat().st_uid == os.geteuid():
        # Whoever else runs this command sees what is closed to them, and not to what runs.
        yield from _closed_to_us(data.absolute())


def _closed_to_us(data: Path) -> Iterator[Finding]:
    try:
        ensure_open(data)
    except DataClosed as error:
        yield Finding(check="data", state="fail", found=error.in_both(), remedy=_GIVE_BACK)


_GIVE_BACK = Bilingual(
    zh="归还权限后重新启动：huiyin down，huiyin up", en="then start anew: huiyin down, huiyin up"
)
