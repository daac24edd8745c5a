"""Whether files that come with messages are taken, as `huiyin doctor` finds it."""

from deploy.commands.findings import Finding
from deploy.database.beats import known_beats
from deploy.database.pool import connect
from deploy.processes.health import files_troubles
from deploy.processes.runtime import SILENT_SECONDS
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined


async def check_kept_files(settings: Settings) -> Finding:
    """Whether the folder is there that the running sweeper began with: in another no process takes, finds or forgets any."""
    async with connect(settings) as db:
        troubles = files_troubles(await known_beats(db, SILENT_SECONDS))
    if troubles:
        remedy = Bilingual(
            zh="请放回或挂载该目录，或修正其权限；如现有目录无误，请重新启动各进程",
            en="put it back, mount it or mend its rights; where it is the right one, start the processes anew",
        )
        return Finding(check="files", state="fail", found=joined(troubles), remedy=remedy)
    well = Bilingual(zh="正在运行的进程可以存取附件", en="what runs takes and finds the files of messages")
    return Finding(check="files", state="ok", found=well)
