"""Progress on a terminal is a bar; in a log it is a line now and then."""

import pytest
import typer

from deploy.commands import progress
from deploy.commands.progress import LOG_EVERY_SECONDS, SpacedLines, show_line, show_rows, showing


def test_a_log_gets_a_line_only_now_and_then() -> None:
    """A thousand reports within a minute are two lines, each with what was true then."""
    at, said = [0.0], list[str]()
    tell = SpacedLines(said.append, lambda: at[0])
    for second in range(int(2 * LOG_EVERY_SECONDS) + 1):
        at[0] = float(second)
        tell(f"{second} rows")
    assert said == [f"{int(LOG_EVERY_SECONDS)} rows", f"{int(2 * LOG_EVERY_SECONDS)} rows"]


def test_whoever_reads_a_log_sees_that_it_moves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where stderr is no terminal, each kind of progress is a line of words there, and stdout stays clean."""
    monkeypatch.setattr(progress, "_for_a_log", lambda text: typer.echo(text, err=True))
    show_rows("rows.csv", 1_200, 200_000)
    show_rows("book.xlsx", 1_200, 0)
    show_line("messages read: 7")
    with showing("learning") as tell:
        tell(0.25)
    out, err = capsys.readouterr()
    assert err.split("\n") == [
        "rows.csv: 1,200 of 200,000 rows",
        "book.xlsx: 1,200 rows",
        "messages read: 7",
        "learning: 25%",
        "",
    ]
    assert out == ""
