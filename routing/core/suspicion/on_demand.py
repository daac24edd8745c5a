"""Loads the shipped weights at first use, so that starting does not wait for them or for numpy."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from routing.core.suspicion.sentences import Subject
from routing.core.suspicion.signs import Window

if TYPE_CHECKING:
    from routing.core.suspicion.laying import Weighable
    from routing.core.suspicion.weighing import Weights


def ready_to_weigh(texts: Sequence[str]) -> "Weighable":
    """The texts, ready to be weighed; there is one at least."""
    from routing.core.suspicion.laying import weighable  # here: see above

    return weighable(texts)


class OnDemand:
    """`Weights` that are read from their file at the first use."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    @cached_property
    def _weights(self) -> "Weights":
        from routing.core.suspicion.stored import shipped  # here: see above

        return shipped(self._subject)

    @property
    def version(self) -> str:
        """The version of the weights that are read."""
        return self._weights.version

    def windows(self, texts: "Weighable") -> list[Window]:
        """Of each text what `Weights.windows` finds in it."""
        return self._weights.windows(texts)

    def loudest(self, texts: "Weighable", within: Sequence[int], least: Sequence[float]) -> list[Window]:
        """Of each text what `Weights.loudest` finds in it."""
        return self._weights.loudest(texts, within, least)
