"""What the consumers of one process have in common."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from deploy import clock
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.messaging.dead_letters import DeadLetters
from deploy.messaging.envelope import Said
from deploy.messaging.executor import PrepareExecutor

#: Clocks differ by less (project choice).
_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerContext:
    """What every consumer of a process shares."""

    pool: Pool
    dead_letters: DeadLetters
    #: Whether our own slices wrote a record, which says that in its headers.
    is_genuine: Callable[[Any, Said], bool]
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

    def remembered_since_ms(self) -> int:
        """Every event of since then is known to the inbox of whoever handled it, in milliseconds since 1970."""
        since = clock.now() - timedelta(days=self.inbox_days) + _MARGIN
        return int(since.timestamp() * 1000)
