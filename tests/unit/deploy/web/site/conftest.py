"""What the site's tests share: one renderer, since compiling templates is slow."""

import pytest

from deploy.web.site.render import Renderer, renderer_of
from schemas.city import load_city


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """Every page of the project, in the example city."""
    return renderer_of(load_city())
