"""A process loads what its own slice needs: `huiyin up` starts eight at once, and each import is paid eight times."""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

SLICES = ("intake", "routing", "handlers", "sla")
#: For pictures, workbooks, models, pages, coloured lines, and for keeping other processes running.
HEAVY = ("PIL", "openpyxl", "numpy", "jinja2", "rich", "deploy.local.supervisor", "deploy.commands.doctor")


def _loaded(*imports: str) -> set[str]:
    """What Python holds after these imports, in a process of its own."""
    code = f"import sys, {', '.join(imports)}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize("slice_", SLICES)
def test_a_worker_loads_its_own_slice_alone(slice_: str) -> None:
    """`huiyin work sla` waits neither for the other slices nor for what only pages, files and commands need."""
    loaded = _loaded("deploy.commands.main", "deploy.processes.worker", f"{slice_}.subscribers")

    assert {slice_} == {name for name in SLICES if name in loaded}
    assert set() == loaded.intersection(HEAVY)


def test_the_relay_loads_no_slice() -> None:
    """It sends what others wrote, whoever they are."""
    loaded = _loaded("deploy.commands.main", "deploy.processes.relay")

    assert set() == loaded.intersection((*SLICES, *HEAVY, "faststream"))
