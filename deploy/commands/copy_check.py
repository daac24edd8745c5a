"""What `huiyin doctor` finds of backups."""

from deploy.backup.databases import left_over
from deploy.commands.findings import Finding
from deploy.database.pool import connect
from deploy.settings import Settings


async def check_copies(settings: Settings) -> Finding:
    """Whether a killed backup or restore left a database: a copy of everything that nobody knows of."""
    async with connect(settings.as_owner) as db:
        left = await left_over(db)
    if left:
        return Finding(
            check="copies", state="warn", found=f"killed backups or restores left whole copies: {', '.join(left)}",
            remedy="make the next one (huiyin backup FILE): it removes them",
        )  # fmt: skip
    return Finding(check="copies", state="ok", found="no backup left anything")
