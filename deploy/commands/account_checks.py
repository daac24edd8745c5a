"""What `huiyin doctor` finds about accounts and tokens."""

from collections import Counter

from deploy.accounts.tokens import nameless_tokens
from deploy.commands.findings import Finding
from deploy.database.pool import connect
from deploy.settings import Settings
from schemas.bilingual import Bilingual


async def check_tokens(settings: Settings) -> Finding:
    """Whether it can be told of each system what it did: those that are called by their role alone are nobody in the log."""
    async with connect(settings) as db:
        nameless = Counter(await nameless_tokens(db))
    if nameless:
        found = ", ".join(f"{role} ({count})" for role, count in nameless.items())
        return Finding(
            check="tokens",
            state="warn",
            found=Bilingual(
                zh=f"没有自己名称的令牌：{found}", en=f"tokens without a name of their own: {found}"
            ),
            remedy=Bilingual(
                zh="为每个系统运行：huiyin token add --role ROLE --name SYSTEM；然后 huiyin token revoke ROLE",
                en="for each system: huiyin token add --role ROLE --name SYSTEM; then huiyin token revoke ROLE",
            ),
        )
    well = Bilingual(zh="每个角色令牌都写明是哪个系统", en="each token of a role says which system it is")
    return Finding(check="tokens", state="ok", found=well)
