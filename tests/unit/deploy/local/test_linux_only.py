"""What another system than Linux is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.embedded.errors import NotOnThisPlatform
from deploy.local.up import UpOptions, up

_SETUP = Path(__file__).parents[4] / "deploy" / "local" / "setup" / "environment.sh"


@pytest.mark.parametrize("detach", [True, False])
def test_up_says_so_before_it_makes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detach: bool
) -> None:
    """One sentence with the remedy, and no data directory."""
    monkeypatch.setattr(sys, "platform", "darwin")
    options = UpOptions(data=tmp_path / "data", port=None, demo=False, brokers=1)

    with pytest.raises(NotOnThisPlatform, match=r"Linux only, and this is darwin\. Remedy: .*container"):
        up(options, detach=detach)
    assert [] == list(tmp_path.iterdir())


def test_setup_says_so_first(tmp_path: Path) -> None:
    """Before it looks for Python, which may be missing too."""
    uname = tmp_path / "uname"
    uname.write_text("#!/bin/sh\necho Darwin\n", encoding="ascii")
    uname.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", _SETUP], env={"PATH": path}, capture_output=True, text=True, check=False
    )

    assert 1 == done.returncode
    assert "Linux only, and this is Darwin" in done.stderr
    assert "remedy: run make in a Linux container" in done.stderr
