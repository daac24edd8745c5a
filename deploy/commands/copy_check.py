"""What `huiyin doctor` finds of backups."""

from deploy.backup.databases import left_over
from deploy.commands.findings import Finding
from deploy.database.pool import connect
from deploy.settings import Settings
from schemas.bilingual import Bilingual


async def check_copies(settings: Settings) -> Finding:
    """Whether a killed backup or restore left a database: a copy of everything that nobody knows of."""
    async with connect(settings.as_owner) as db:
        left = ", ".join(await left_over(db))
    if left:
        return Finding(
            check="copies",
            state="warn",
            found=Bilingual(
                zh=f"中断的备份或恢复留下了完整副本：{left}",
                en=f"killed backups or restores left whole copies: {left}",
            ),
            remedy=Bilingual(
                zh="再做一次备份（huiyin backup FILE），它会将其删除",
                en="make the next one (huiyin backup FILE): it removes them",
            ),
        )
    return Finding(
        check="copies", state="ok", found=Bilingual(zh="没有备份留下的副本", en="no backup left anything")
    )
