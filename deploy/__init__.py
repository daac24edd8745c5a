"""The composition root, and everything about running: settings, commands, broker, outbox, database, site, embedded servers.

Only here do the four slices meet, and only here are transactions committed.
"""

import sys


def _load_structlog_alone() -> None:
    """Without `rich`, which it would load for coloured tracebacks: those we never print, and each process waited for it.

    Until a process says how it logs, to stderr: by itself it would write to stdout, into what a command reports there.
    """
    is_alone = "structlog" not in sys.modules and "rich" not in sys.modules
    if is_alone:
        sys.modules["rich"] = None  # type: ignore[assignment]  # what Python itself writes there for what cannot be imported
    try:
        # Here: `rich` must be out of reach before.
        import structlog
    finally:
        if is_alone:
            del sys.modules["rich"]
    if not structlog.is_configured():
        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


_load_structlog_alone()
