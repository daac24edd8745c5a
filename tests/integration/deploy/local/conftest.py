"""One machine for all tests of this folder: starting it is what costs."""

from collections.abc import Iterator

import pytest

from tests.integration.deploy.local.machine import Machine


@pytest.fixture(scope="package")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Something that runs, and is stopped in the end."""
    machine = Machine(tmp_path_factory.mktemp("machine") / "data")
    machine.up()
    try:
        yield machine
    finally:
        machine.huiyin("down")
