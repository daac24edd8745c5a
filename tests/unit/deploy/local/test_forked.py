"""What is loaded before it is divided."""

import json
import os
import subprocess
import sys

_TELLS = """
import json, os
before = {name: os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if int(name) < 3}
from deploy.local.forked import load
load()
names = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
opened = [os.readlink(f"/proc/self/fd/{name}") for name in names if name not in before]
print(json.dumps({"threads": len(os.listdir("/proc/self/task")), "opened": opened}))
"""


def test_what_is_loaded_can_be_divided() -> None:
    """A thread would be missing in each process, and a connection or a setting would be everybody's."""
    unusable = {**os.environ, "METRICS_PORT": "what no settings could be made of"}
    done = subprocess.run(
        [sys.executable, "-c", _TELLS], env=unusable, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)

    assert 1 == told["threads"]
    assert {"/dev/null", "/dev/urandom"} >= set(told["opened"])
