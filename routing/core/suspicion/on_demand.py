"""The shipped weights, read when first something is weighed: a process that starts does not wait for them, nor for numpy."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from routing.core.suspicion.signs import Window

if TYPE_CHECKING:
    from routing.core.suspicion.weighing import Weights


class OnDemand:
    """`Weights` that are read from their file at the first use."""

    @cached_property
    def _weights(self) -> "Weights":
        from routing.core.suspicion.stored import shipped  # here: see above

        return shipped()

    @property
    def version(self) -> str:
        """The version of the weights that are read."""
        return self._weights.version

    def windows(self, texts: Sequence[str]) -> list[Window]:
        """The clauses of each text that sound most like an accusation."""
        return self._weights.windows(texts)
