"""What the commands of departments' systems are signed with: handlers asks, their tokens answer."""

from collections.abc import Sequence

from deploy.accounts import tokens
from deploy.accounts.token_secrets import TokenSecrets
from handlers.core.commands import CommandKey, CommandKeys
from schemas.ids import DepartmentCode
from schemas.ports import Unit


class TokenKeys(CommandKeys):
    """The keys that sign a department's commands: its tokens' SHA-256. Without secrets there are none.

    `shows_demo`: tokens that a demo made sign as well.
    """

    def __init__(self, keys: TokenSecrets | None = None, *, shows_demo: bool = False) -> None:
        self._keys = keys
        self._shows_demo = shows_demo

    async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
        """One for each token of the department that was not revoked, read in the transaction of the command."""
        if self._keys is None:
            return ()
        found = await tokens.command_keys_of(unit.db, self._keys, department, shows_demo=self._shows_demo)
        return [CommandKey(key, ends_at) for key, ends_at in found]
