"""Whether files that come with messages are taken, and anchors written, as `huiyin doctor` finds it."""

from deploy.commands.checks.findings import Finding
from deploy.database.beats import known_beats
from deploy.database.pool import connect
from deploy.processes.health import ANCHORS, FILES, troubles_with
from deploy.processes.runtime import SILENT_SECONDS
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined


async def check_kept_files(settings: Settings) -> Finding:
    """Whether the folder is there that the running sweeper began with: in another no process takes, finds or forgets any."""
    async with connect(settings) as db:
        troubles = troubles_with(FILES, await known_beats(db, SILENT_SECONDS))
    if troubles:
        remedy = Bilingual(
            zh="请放回或挂载该目录，或修正其权限；如现有目录无误，请重新启动各进程",
            en="put it back, mount it or mend its rights; where it is the right one, start the processes anew",
        )
        return Finding(check="files", state="fail", found=joined(troubles), remedy=remedy)
    well = Bilingual(zh="正在运行的进程可以存取附件", en="what runs takes and finds the files of messages")
    return Finding(check="files", state="ok", found=well)


async def check_anchors(settings: Settings) -> Finding:
    """Whether the running sweeper writes anchors: without them nobody sees what is cut off the logs since."""
    async with connect(settings) as db:
        troubles = troubles_with(ANCHORS, await known_beats(db, SILENT_SECONDS))
    if troubles:
        remedy = Bilingual(
            zh="请让运行本系统的用户可以写入该目录（chown -R，或腾出空间）；此后会自行补写",
            en="let the user that our processes have write there (chown -R, or make room); anchors then go on by themselves",
        )
        return Finding(check="anchors", state="fail", found=joined(troubles), remedy=remedy)
    well = Bilingual(zh="正在运行的进程可以写入存证", en="what runs can write its anchors")
    return Finding(check="anchors", state="ok", found=well)
