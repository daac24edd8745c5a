"""What `huiyin doctor` finds of backups."""

from deploy.backup.databases import left_over
from deploy.backup.restoring import folders_left
from deploy.commands.findings import Finding
from deploy.database.pool import connect
from deploy.settings import Settings
from schemas.bilingual import Bilingual


async def check_copies(settings: Settings) -> Finding:
    """Whether a killed backup or restore left a database, a copy of everything that nobody knows of, or files."""
    if folders := ", ".join(map(str, folders_left(settings.data))):
        return Finding(
            check="copies",
            state="warn",
            found=Bilingual(
                zh=f"一次恢复中断：备份中的文件仍在 {folders}，尚未就位",
                en=f"a restore was killed: files of its copy still lie in {folders}, and not in their place",
            ),
            remedy=Bilingual(
                zh="停止后重新恢复（huiyin restore FILE）",
                en="stop everything and restore once more (huiyin restore FILE)",
            ),
        )
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
