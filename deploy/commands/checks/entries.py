"""What `huiyin doctor` finds about knowledge entries."""

from deploy.commands.checks.findings import Finding
from deploy.database.pool import open_pool
from deploy.reconcile.revealing import revealing_entries
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from schemas.errors import DataRefused


async def check_entries(settings: Settings) -> Finding:
    """Whether everybody reads, in an entry that was made of a case, what staff keep of that from everybody."""
    try:
        async with open_pool(settings) as pool:
            revealing = await revealing_entries(settings, pool)
    except DataRefused:
        unread = Bilingual(
            zh="看不到各件中另行隐去的文字，无法比对",
            en="which words are hidden in cases cannot be read, nor compared",
        )
        return Finding(check="entries", state="warn", found=unread, remedy=_SECRETS)
    if revealing:
        found = Bilingual(
            zh=f"{len(revealing)} 个已公开的知识点说出了原件中不予公开的内容",
            en=f"{len(revealing)} knowledge entries that everybody reads say what is kept from everybody in their cases",
        )
        return Finding(check="entries", state="fail", found=found, remedy=_RECONCILE)
    well = Bilingual(
        zh="公开的知识点没有说出原件中不予公开的内容",
        en="no knowledge entry tells everybody what is kept from them in its case",
    )
    return Finding(check="entries", state="ok", found=well)


_SECRETS = Bilingual(
    zh="把原来的密钥写入 HUIYIN_PREVIOUS_SECRET_KEYS",
    en="name the former master secret in HUIYIN_PREVIOUS_SECRET_KEYS",
)
_RECONCILE = Bilingual(
    zh="huiyin reconcile：立即暂停公开，等派单员查看（巡检进程每小时也会这样做）",
    en="huiyin reconcile: held back for a dispatcher at once (the sweeper does so within the hour)",
)
