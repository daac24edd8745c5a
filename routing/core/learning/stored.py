"""A model as bytes and back: arrays and JSON, nothing that could run."""

from functools import reduce
from io import BytesIO
from operator import or_
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np

from routing.core.learning.model import Learned, Machine, Machines, Model
from routing.core.learning.vocabulary import ALL_ALIKE, Vocabulary
from schemas.errors import Unusable

_ARRAYS = {"hashes": np.uint64, "rarity": np.float32, "weights": np.float16, "offsets": np.float32}
#: Of the second machine; models of before have none.
_SEEN = {"seen_weights": np.float16, "seen_offsets": np.float32}
#: How loud beginnings are; models of before have none.
_LOUD = {"loudness": np.uint8}
#: What `rarity` is called beside it: a release that hears everything as loud finds none, and refuses the model aloud.
_LOUD_RARITY = "rarity_of_loud"


def to_bytes(model: Model) -> bytes:
    """The model; half as many bits for each weight change no probability by a hundredth."""
    target, machines = BytesIO(), model.machines
    np.savez(
        target,
        allow_pickle=False,
        learned=np.frombuffer(msgspec.json.encode(model.learned), dtype=np.uint8),
        hashes=machines.vocabulary.hashes,
        **_rarity(machines.vocabulary),
        weights=machines.counted.weights.astype(np.float16),
        offsets=machines.counted.offsets,
        **_seen(machines.seen),
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
            is_loud = _LOUD_RARITY in kept.files
            later = (each for each in (_SEEN, _LOUD) if each.keys() & set(kept.files))
            kinds = reduce(or_, later, _ARRAYS | (_LOUD if is_loud else {}))
            called = {"rarity": _LOUD_RARITY} if is_loud else {}
            arrays = {name: kept[called.get(name, name)] for name in kinds}
    except (BadZipFile, EOFError, KeyError, OSError, ValueError) as error:
        raise Unusable(zh=f"不是模型：{error}", en=f"this is no model: {error}") from error
    _check(learned, arrays, kinds)
    return Model(learned, _machines(arrays))


def _machines(arrays: dict[str, np.ndarray]) -> Machines:
    counted, *seen = [
        Machine(arrays[f"{of}weights"].astype(np.float32), arrays[f"{of}offsets"])
        for of in ("", "seen_")
        if f"{of}weights" in arrays
    ]
    vocabulary = Vocabulary(arrays["hashes"], arrays["rarity"], arrays.get("loudness", ALL_ALIKE))
    return Machines(vocabulary, counted, seen[0] if seen else None)


def _rarity(vocabulary: Vocabulary) -> dict[str, np.ndarray]:
    """The arrays of rarity and loudness; where all are alike, in the form that every release reads."""
    if np.array_equal(vocabulary.loudness, ALL_ALIKE):
        return {"rarity": vocabulary.rarity}
    return {_LOUD_RARITY: vocabulary.rarity, "loudness": vocabulary.loudness}


def _seen(machine: Machine | None) -> dict[str, np.ndarray]:
    if machine is None:
        return {}
    return {"seen_weights": machine.weights.astype(np.float16), "seen_offsets": machine.offsets}


def _check(learned: Learned, arrays: dict[str, np.ndarray], kinds: dict[str, Any]) -> None:
    known, labels = len(arrays["hashes"]), len(learned.labels)
    shapes = {"weights": (known, labels), "offsets": (labels,)}
    shapes |= {f"seen_{name}": shape for name, shape in shapes.items()}
    loudness = arrays.get("loudness", ALL_ALIKE)
    shapes["loudness"] = (max(loudness.size, 1),)
    fits = all(arrays[name].shape == shapes.get(name, (known,)) for name in kinds)
    right = all(arrays[name].dtype == kind for name, kind in kinds.items())
    calibration = learned.calibration
    machines = 1 + (_SEEN.keys() <= kinds.keys())
    right &= bool(loudness.all()) and (learned.surety is None or learned.surety.fits)
    right &= calibration.fits and len(calibration.factors) == 2 + machines
    if not (fits and right and len(calibration.offsets) == labels):
        raise Unusable(zh="不是模型：各部分互不相符", en="this is no model: its parts do not fit one another")
    if not all(np.isfinite(arrays[name]).all() for name in kinds if name != "hashes"):
        raise Unusable(zh="不是模型：其中有的不是数", en="this is no model: some of its numbers are none")
