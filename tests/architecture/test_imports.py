"""Who may import whom: the contracts in pyproject.toml hold."""

import contextlib
import io

from importlinter.cli import lint_imports

from tests.architecture.source import ROOT


def test_import_contracts() -> None:
    """Every contract under [tool.importlinter] is kept; the contract's name says why it is there."""
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert status == 0, report.getvalue()
