"""The sentences that are learned from: shipped with the project, each marked as an accusation or as an ordinary one."""

from importlib import resources
from typing import NamedTuple


class Sentence(NamedTuple):
    """One sentence, and whether it accuses officials."""

    text: str
    accuses: bool


def sentences_of(listed: str) -> list[Sentence]:
    """The sentences of a file: a line each, `+ ` or `- ` before it; what begins with `#` is a heading.

    Raises:
        ValueError: a line is none of these.
    """
    lines = [line for line in listed.splitlines() if line and not line.startswith("#")]
    wrong = [line for line in lines if line[:2] not in ("+ ", "- ")]
    if wrong:
        raise ValueError(f"neither + nor -: {wrong[0]}")
    return [Sentence(line[2:].strip(), line.startswith("+")) for line in lines]


def listed() -> str:
    """The shipped sentences, each marked `+` or `-`."""
    return resources.files("routing").joinpath("data", "accusations.txt").read_text(encoding="utf-8")
