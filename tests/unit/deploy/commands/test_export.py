"""What `huiyin export` says beside the table."""

import pytest

from deploy.commands import export
from schemas.city import load_city


@pytest.mark.parametrize(("department", "is_said"), [("housing", False), ("housng", True)])
def test_a_department_that_there_is_not_is_pointed_at(
    capsys: pytest.CaptureFixture[str], department: str, is_said: bool
) -> None:
    """On stderr: the table is empty, and looks as if a department that was mistyped had nothing."""
    export._note_unknown(department, load_city())

    told = capsys.readouterr()
    assert "" == told.out
    assert is_said is (f"no department {department}" in told.err)
