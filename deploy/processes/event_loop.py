"""The event loop of our processes: uvloop, which does not wait long for a goodbye."""

from typing import Any

import uvloop

#: Whoever closes TLS waits for the other side's goodbye, by default for 30 seconds. Brokers often give none to a
#: consumer that closes while they wait for records to send: a worker would not end within `runtime.STOP_SECONDS`
#: (project choice: a broker that says goodbye at all does so in milliseconds).
GOODBYE_SECONDS = 1.0


class Loop(uvloop.Loop):
    """uvloop's loop, except that TLS connections are closed sooner."""

    async def create_connection(self, *arguments: Any, ssl: Any = None, **options: Any) -> Any:
        """A connection; over TLS, one that is closed in `GOODBYE_SECONDS` at the latest."""
        if ssl:
            options.setdefault("ssl_shutdown_timeout", GOODBYE_SECONDS)
        return await super().create_connection(*arguments, ssl=ssl, **options)
