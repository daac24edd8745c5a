"""What `huiyin doctor` finds about accounts and tokens."""

from collections import Counter

from deploy.accounts.tokens import nameless_tokens
from deploy.commands.findings import Finding
from deploy.database.pool import connect
from deploy.settings import Settings


async def check_tokens(settings: Settings) -> Finding:
    """Whether it can be told of each system what it did: those that are called by their role alone are nobody in the log."""
    async with connect(settings) as db:
        nameless = Counter(await nameless_tokens(db))
    if nameless:
        found = ", ".join(f"{role} ({count})" for role, count in nameless.items())
        return Finding(
            check="tokens",
            state="warn",
            found=f"tokens without a name of their own: {found}",
            remedy="for each system: huiyin token add --role ROLE --name SYSTEM; then huiyin token revoke ROLE",
        )
    return Finding(check="tokens", state="ok", found="each token of a role says which system it is")
