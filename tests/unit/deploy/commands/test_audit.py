"""What `huiyin audit restored` takes for a moment."""

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import audit


@pytest.mark.parametrize("given", ["yesterday", "", "2026-11-26T14:05:00", "2999-01-01T00:00:00+08:00"])
def test_what_is_no_past_moment_is_refused(given: str) -> None:
    """No time, one without its zone, one to come: nothing is remembered, and no database is asked."""
    app = typer.Typer()
    audit.register(app)

    result = CliRunner().invoke(app, ["audit", "restored", given], env={"DATABASE_URL": ""})

    assert isinstance(result.exception, audit.NoMoment)
    assert given in str(result.exception)
