"""What `huiyin doctor` finds of backups."""

from collections.abc import Sequence
from pathlib import Path

from deploy.backup.databases import left_over
from deploy.backup.restoring import folders_left, is_in_place
from deploy.commands.checks.findings import Finding
from deploy.database.pool import Connection, connect
from deploy.local.embedded.files import is_owned
from deploy.local.supervisor import Status, read_state
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined

#: What is found, and what to do about it.
_Trouble = tuple[Bilingual, Bilingual]


async def check_copies(settings: Settings) -> Finding:
    """Whether a killed backup or restore left a database, a copy of everything that nobody knows of, or files."""
    async with connect(settings.as_owner) as db:
        left = ", ".join(await left_over(db))
        troubles = await _of_folders(db, settings)
    if left:
        found = Bilingual(
            zh=f"中断的备份或恢复留下了完整副本：{left}",
            en=f"killed backups or restores left whole copies: {left}",
        )
        remedy = Bilingual(
            zh="再做一次备份（huiyin backup FILE），它会将其删除",
            en="make the next one (huiyin backup FILE): it removes them",
        )
        troubles = [*troubles, (found, remedy)]
    if not troubles:
        none = Bilingual(zh="没有备份留下的副本", en="no backup left anything")
        return Finding(check="copies", state="ok", found=none)
    founds, remedies = zip(*troubles, strict=True)
    return Finding(check="copies", state="warn", found=joined(founds), remedy=joined(remedies))


async def _of_folders(db: Connection, settings: Settings) -> Sequence[_Trouble]:
    folders = folders_left(settings.data)
    if not folders or _is_restoring(settings.data):
        return []
    named = ", ".join(map(str, folders))
    found = Bilingual(
        zh=f"一次恢复中断：备份中的文件仍在 {named}，尚未就位",
        en=f"a restore was killed: files of its copy still lie in {named}, and not in their place",
    )
    if await is_in_place(db, settings.data):
        remedy = Bilingual(
            zh="数据库已恢复，请勿再次恢复；全部停止后重新启动（huiyin up；自备服务器时：huiyin migrate），文件即就位",
            en="the database is the restored one, do not restore again; stop everything, then start it (huiyin up; servers "
            "of your own: huiyin migrate): that moves them",
        )
        return [(found, remedy)]
    remedy = Bilingual(
        zh="数据库未变；停止后重新恢复（huiyin restore FILE），或删除这些文件夹",
        en="the database is as before: stop everything and restore once more (huiyin restore FILE), or remove them",
    )
    return [(found, remedy)]


def _is_restoring(data: Path) -> bool:
    """Whether a restore has the directory just now: whatever else has it says so in its state."""
    state = read_state(data / "state.json")
    return is_owned(data) and (state is None or state.status == Status.STOPPED)
