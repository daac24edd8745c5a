"""A model as bytes and back: arrays and JSON, nothing that could run."""

from io import BytesIO
from zipfile import BadZipFile

import msgspec
import numpy as np

from routing.core.learning.model import Learned, Model
from routing.core.learning.vocabulary import Vocabulary

_ARRAYS = {"hashes": np.uint64, "rarity": np.float32, "weights": np.float16, "offsets": np.float32}


def to_bytes(model: Model) -> bytes:
    """The model; half as many bits for each weight change no probability by a hundredth."""
    target = BytesIO()
    np.savez(
        target,
        allow_pickle=False,
        learned=np.frombuffer(msgspec.json.encode(model.learned), dtype=np.uint8),
        hashes=model.vocabulary.hashes,
        rarity=model.vocabulary.rarity,
        weights=model.weights.astype(np.float16),
        offsets=model.offsets,
    )
    return target.getvalue()


def from_bytes(stored: bytes) -> Model:
    """The model that `to_bytes` stored.

    Raises:
        ValueError: this is no such thing, or it is damaged.
    """
    try:
        with np.load(BytesIO(stored), allow_pickle=False) as kept:
            learned = msgspec.json.decode(kept["learned"].tobytes(), type=Learned)
            arrays = {name: kept[name] for name in _ARRAYS}
    except (BadZipFile, EOFError, KeyError, OSError, ValueError) as error:
        raise ValueError(f"this is no model: {error}") from error
    _check(learned, arrays)
    return Model(
        learned,
        Vocabulary(arrays["hashes"], arrays["rarity"]),
        arrays["weights"].astype(np.float32),
        arrays["offsets"],
    )


def _check(learned: Learned, arrays: dict[str, np.ndarray]) -> None:
    known, labels = len(arrays["hashes"]), len(learned.labels)
    shapes = {"hashes": (known,), "rarity": (known,), "weights": (known, labels), "offsets": (labels,)}
    fits = all(arrays[name].shape == shape for name, shape in shapes.items())
    right = all(arrays[name].dtype == kind for name, kind in _ARRAYS.items())
    calibration = learned.calibration
    if not (fits and right and calibration.fits and len(calibration.offsets) == labels):
        raise ValueError("this is no model: its parts do not fit one another")
    if not all(np.isfinite(arrays[name]).all() for name in ("rarity", "weights", "offsets")):
        raise ValueError("this is no model: some of its numbers are none")
