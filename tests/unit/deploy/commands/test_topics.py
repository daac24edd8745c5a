"""`huiyin topics --file`: what does not read is named."""

from pathlib import Path

import pytest
import typer

from deploy.commands.topics import _rows


@pytest.mark.parametrize("row", ["b,c,soon,x", "b,c"])
def test_a_row_whose_time_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    """Also one that ends before it; by its number in the file, in a sentence."""
    file = tmp_path / "a.csv"
    file.write_text(f"title,text,received_at,author\na,b,2026-11-22 16:45,x\n{row}\n", encoding="utf-8")
    with pytest.raises(typer.Exit):
        _rows(file, ("title", "text"), "received_at", "author")

    assert "row 3" in capsys.readouterr().err
