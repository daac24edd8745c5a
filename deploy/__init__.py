"""The composition root, and everything about running: settings, commands, broker, outbox, database, site, embedded servers.

Only here do the four slices meet, and only here are transactions committed.
"""

import sys


def _load_structlog_alone() -> None:
    """Without `rich`, which it would load for coloured tracebacks: those we never print, and each process waited for it."""
    if "structlog" in sys.modules or "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # what Python itself writes there for what cannot be imported
    try:
        # Here: `rich` must be out of reach before.
        import structlog  # noqa: F401  loaded, not used
    finally:
        del sys.modules["rich"]


_load_structlog_alone()
