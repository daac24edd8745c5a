"""Reads and writes the shipped weights."""

from base64 import b64decode, b64encode
from functools import cache
from importlib import resources

import msgspec
import numpy as np

from routing.core.suspicion.sentences import Subject
from routing.core.suspicion.weighing import Weights


class _Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: str
    start: float
    unit: float
    #: Numbers of 32 and of 16 bits, the lower byte first, in base 64.
    places: str
    values: str


@cache
def shipped(subject: Subject) -> Weights:
    """The weights that were learned from the shipped sentences."""
    text = resources.files("routing").joinpath("data", f"{subject}.json").read_text(encoding="utf-8")
    return from_text(text)


def to_text(weights: Weights) -> str:
    """The weights as JSON, as they are committed."""
    stored = _Stored(
        version=weights.version,
        start=weights.start,
        unit=weights.unit,
        places=b64encode(weights.places.astype("<u4").tobytes()).decode(),
        values=b64encode(weights.values.astype("<i2").tobytes()).decode(),
    )
    return msgspec.json.format(msgspec.json.encode(stored)).decode() + "\n"


def from_text(text: str) -> Weights:
    """The weights that `to_text` wrote.

    Raises:
        ValueError: this is no such thing, or its parts do not fit one another.
    """
    stored = msgspec.json.decode(text, type=_Stored)
    places = np.frombuffer(b64decode(stored.places, validate=True), dtype="<u4").astype(np.uint32)
    values = np.frombuffer(b64decode(stored.values, validate=True), dtype="<i2").astype(np.int16)
    if len(places) != len(values):
        raise ValueError("these are no weights: their parts do not fit one another")
    return Weights(places, values, stored.start, stored.unit, stored.version)
