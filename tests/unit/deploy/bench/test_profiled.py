"""A process that tells where its time went."""

import subprocess
import sys


def test_it_runs_the_module_and_says_where_the_time_went() -> None:
    """The module gets its own arguments and keeps its exit status; work in threads is in the sum."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.bench.profiled", "-m", "tests.unit.deploy.bench.busy", "3"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert 3 == done.returncode, done.stderr
    assert "function calls" in done.stderr
    assert "busy_in_a_thread" in done.stderr
