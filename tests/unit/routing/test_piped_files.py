"""Files that the commands read, as shells and spreadsheets hand them over."""

import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import classify
from deploy.commands.labelled import labelled


def _piped(text: str) -> Path:
    """What `<(…)` gives a command."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return Path(f"/dev/fd/{reader}")


def test_what_comes_through_a_pipe_is_classified() -> None:
    """It gives nothing the second time: a look at its encoding must not take what it holds."""
    app = typer.Typer()
    classify.register(app)

    result = CliRunner().invoke(
        app, ["--file", str(_piped("电梯坏了三天没有人修理\r\n停电了\r\n")), "--json"]
    )

    assert 2 == len(result.stdout.splitlines()), result.output


@pytest.mark.parametrize("row", ["停水了,供水\n", "停水了,供水,\n", "停水了,供水, ,\n"])
def test_labelled_messages_come_through_a_pipe(row: str) -> None:
    """Also with empty cells too many, as spreadsheets write them where somebody once typed beside the table."""
    lessons = labelled(_piped(f"text,label\n{row}"), ["text"], "label")

    assert [("停水了", "供水")] == [(each.text, each.label) for each in lessons]
