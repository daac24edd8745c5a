"""What departments do: one file an action, which says everything about it, and the table of all.

A new action is a file here, its line in `ACTIONS`, its word in `Action`, its command in `schemas/events/commands.py`
and its English words in `handlers/web/locale/en.po`; CONTRIBUTING says which tests learn of it.
"""

from collections.abc import Mapping

from handlers.core.actions.ask import ASK
from handlers.core.actions.co_handle import CO_HANDLE
from handlers.core.actions.description import DepartmentAction
from handlers.core.actions.extend import EXTEND
from handlers.core.actions.note import NOTE
from handlers.core.actions.part import ASK_PART, PART, WITHDRAW_PART
from handlers.core.actions.progress import PROGRESS
from handlers.core.actions.promise import PROMISE
from handlers.core.actions.reply import REPLY
from handlers.core.actions.report_back import REPORT_BACK
from handlers.core.actions.return_ import RETURN
from handlers.core.actions.sign import SIGN
from handlers.core.actions.suspend import RESUME, SUSPEND
from handlers.core.actions.withdraw_reply import WITHDRAW_REPLY
from handlers.core.rules import Action

#: By name, in the order in which the API offers them.
ACTIONS: Mapping[Action, DepartmentAction] = {
    action.name: action
    for action in (
        SIGN, REPLY, WITHDRAW_REPLY, RETURN, EXTEND, ASK, PROMISE, PROGRESS, SUSPEND, RESUME, CO_HANDLE, ASK_PART, PART,
        WITHDRAW_PART, REPORT_BACK, NOTE,
    )
}  # fmt: skip
