"""What `huiyin doctor` finds about accounts and tokens."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from deploy.accounts.tokens import EndingToken, ending_tokens, nameless_tokens
from deploy.commands.checks.findings import Finding
from deploy.database.pool import connect
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined

#: Whoever runs the other system needs some days to put a new token in (project choice).
_SOON = timedelta(days=14)
#: Who was to have a new one has missed it by then (project choice).
_LATELY = timedelta(days=7)
_RENEW = Bilingual(
    zh="为其系统运行：huiyin token add … --name 新名称 --expires DATE；对方换用后：huiyin token revoke NAME",
    en="for its system: huiyin token add … --name NEW --expires DATE; once it has that: huiyin token revoke NAME",
)


def _told_of(ending: Sequence[EndingToken]) -> Bilingual:
    return joined(
        Bilingual(
            zh=f"令牌 {each.name} {'已于' if each.has_ended else '将于'} {each.expires_at:%Y-%m-%dT%H:%MZ} 到期",
            en=f"token {each.name} {'ended' if each.has_ended else 'ends'} {each.expires_at:%Y-%m-%dT%H:%MZ}",
        )
        for each in ending
    )


async def check_tokens(settings: Settings) -> Finding:
    """Whether each system can go on, and it can be told what it did.

    Those that are called by their role alone are nobody in the log.
    """
    async with connect(settings) as db:
        nameless = Counter(await nameless_tokens(db))
        ending = await ending_tokens(db, _SOON, _LATELY)
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
    if ending:
        return Finding(check="tokens", state="warn", found=_told_of(ending), remedy=_RENEW)
    well = Bilingual(zh="每个角色令牌都写明是哪个系统", en="each token of a role says which system it is")
    return Finding(check="tokens", state="ok", found=well)
