"""The sentences that are learned from: shipped with the project, each marked as what is meant or as an ordinary one."""

from enum import StrEnum
from importlib import resources
from typing import NamedTuple


class Subject(StrEnum):
    """What sentences are marked for: the name of their file, and of the file of weights beside it."""

    #: Officials are accused.
    ACCUSATIONS = "accusations"
    #: Somebody is in danger now.
    DANGERS = "dangers"
    #: The same, told in English.
    DANGERS_IN_ENGLISH = "dangers_in_english"


class Sentence(NamedTuple):
    """One sentence, and whether it is what its file is about."""

    text: str
    is_meant: bool


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


def listed(subject: Subject) -> str:
    """The shipped sentences, each marked `+` or `-`."""
    return resources.files("routing").joinpath("data", f"{subject}.txt").read_text(encoding="utf-8")
