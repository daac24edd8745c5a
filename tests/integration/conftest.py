"""What tests of what grows share."""

import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.grown import Grown


@pytest.fixture(scope="session")
def grown(postgres_server: EmbeddedPostgres) -> Grown:
    """Each is filled when the first test asks."""
    return Grown(postgres_server.url)
