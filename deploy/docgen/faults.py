"""`docs/faults.md`: what may go wrong, what then happens, and the test that makes it happen on real servers.

`python -m deploy.docgen.faults` prints the files whose tests those are: `make faults` runs them.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
#: Every test of these is a fault, and what comes of it.
FILES = (
    "tests/faults/test_our_processes.py",
    "tests/integration/deploy/processes/test_kinds.py",
    "tests/integration/deploy/messaging/test_frozen_relay.py",
    "tests/integration/deploy/database/test_leases.py",
    "tests/faults/test_servers.py",
    "tests/faults/test_brokers.py",
    "tests/faults/test_restored_copy.py",
    "tests/integration/deploy/processes/test_watchdog.py",
    "tests/integration/deploy/messaging/test_probe.py",
    "tests/integration/deploy/processes/test_operations.py",
    "tests/integration/deploy/messaging/test_positions.py",
    "tests/integration/deploy/processes/test_put_back.py",
    "tests/integration/deploy/messaging/test_outbox.py",
    "tests/flow/test_reconcile.py",
    "tests/integration/test_clocks_said_again.py",
    "tests/integration/test_ends_said_again.py",
    "tests/integration/test_taken_up.py",
    "tests/integration/deploy/reconcile/test_files.py",
    "tests/integration/deploy/backup/test_backup.py",
    "tests/integration/deploy/backup/test_left_over.py",
    "tests/integration/deploy/backup/test_point_in_time.py",
    "tests/integration/deploy/database/test_two_releases.py",
    "tests/integration/deploy/database/test_migrations.py",
    "tests/integration/deploy/processes/test_sweeper.py",
    "tests/integration/sla/test_withdraw.py",
    "tests/integration/sla/test_rules_in_use.py",
    "tests/unit/deploy/observability/test_disk.py",
    "tests/unit/deploy/observability/test_logs.py",
    "tests/integration/deploy/local/embedded/test_supervisor.py",
    "tests/faults/test_poison.py",
    "tests/unit/deploy/commands/test_commands_refuse.py",
    "tests/integration/deploy/commands/test_doctor.py",
)


def table() -> str:
    """The text of the page: a section for each file, a line for each of its tests."""
    sections = (section for file in FILES for section in _section(_ROOT / file))
    opening = (
        "What was made to go wrong, and what came of it. Each line is a test: `make faults` makes all of it happen, on\n"
        "real Kafka and Postgres where they have a part in it, and what a line says came of it is what its test asserts."
    )
    return "\n".join(["# Faults", "", opening, *sections, ""])


def _section(file: Path) -> Iterator[str]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    yield from ("", f"## {_first_line(module).rstrip('.')}", "", "| fault | result | test |", "|---|---|---|")
    for test in module.body:
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_"):
            fault = test.name.removeprefix("test_").replace("_", " ")
            place = file.relative_to(_ROOT).as_posix()
            yield f"| {fault} | {_first_line(test)} | [{file.stem}](../{place}) |"


def _first_line(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0].replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(" ".join(FILES) + "\n")
