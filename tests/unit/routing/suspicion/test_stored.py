"""Weights as text and back."""

import numpy as np
import pytest

from routing.core.suspicion.sentences import Subject
from routing.core.suspicion.stored import from_text, shipped, to_text


def test_what_was_stored_is_read_again() -> None:
    """Number for number."""
    weights = shipped(Subject.ACCUSATIONS)
    again = from_text(to_text(weights))

    assert np.array_equal(weights.places, again.places)
    assert np.array_equal(weights.values, again.values)
    assert (weights.start, weights.unit, weights.version) == (again.start, again.unit, again.version)


def test_what_does_not_fit_together_is_refused() -> None:
    """A place without a value."""
    with pytest.raises(ValueError, match="do not fit"):
        from_text('{"version": "1", "start": 0.0, "unit": 1.0, "places": "AAAAAA==", "values": ""}')
