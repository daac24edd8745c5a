"""What the consumers of one process have in common."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.dead.dead_letters import DeadLetters
from deploy.messaging.records.envelope import HeaderValues


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerContext:
    """What every consumer of a process shares."""

    pool: Pool
    dead_letters: DeadLetters
    #: Whether our own slices wrote a record, which says that in its headers.
    is_genuine: Callable[[Any, HeaderValues], bool]
    executor: PrepareExecutor
    notifier: RelayNotifier
    prefix: str
    audit_key: bytes
    retry_seconds: float
    dead_letter_limit: int
    #: Days for which inboxes remember what was handled.
    inbox_days: int
    #: Awaited with the error that ends the process; may take until then.
    end_process: Callable[[BaseException], Coroutine[Any, Any, Any]]
