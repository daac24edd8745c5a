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
    return await _said_by_what_runs(
        settings,
        FILES,
        well=Bilingual(zh="正在运行的进程可以存取附件", en="what runs takes and finds the files of messages"),
        remedy=Bilingual(
            zh="请放回或挂载该目录，或修正其权限；如现有目录无误，请重新启动各进程",
            en="put it back, mount it or mend its rights; where it is the right one, start the processes anew",
        ),
    )


async def check_anchors(settings: Settings) -> Finding:
    """Whether the running sweeper writes anchors: without them nobody sees what is cut off the logs since."""
    return await _said_by_what_runs(
        settings,
        ANCHORS,
        well=Bilingual(zh="正在运行的进程可以写入存证", en="what runs can write its anchors"),
        remedy=Bilingual(
            zh="请让运行本系统的用户可以写入该目录（chown -R，或腾出空间）；此后会自行补写",
            en="let the user that our processes have write there (chown -R, or make room); anchors then go on by themselves",
        ),
    )


async def _said_by_what_runs(settings: Settings, said: str, *, well: Bilingual, remedy: Bilingual) -> Finding:
    """What living processes say of `FILES` or `ANCHORS`, which the finding is called by."""
    async with connect(settings) as db:
        troubles = troubles_with(said, await known_beats(db, SILENT_SECONDS))
    if troubles:
        return Finding(check=said, state="fail", found=joined(troubles), remedy=remedy)
    return Finding(check=said, state="ok", found=well)
