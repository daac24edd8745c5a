"""A model as bytes and back."""

import io

import msgspec
import numpy as np
import pytest

from routing.core.learning.model import Model
from routing.core.learning.stored import from_bytes, to_bytes
from routing.core.learning.surety import Surety
from routing.core.learning.training import learn
from routing.core.learning.vocabulary import ALL_ALIKE, Vocabulary
from tests.unit.routing.learning.lessons import lessons

#: Arrays without which releases that hear no loudness read no model.
_OF_BEFORE = {"learned", "hashes", "rarity", "weights", "offsets"}
MODEL = learn(lessons(60), lambda *_: {}, precision=0.9)


def test_what_was_stored_judges_as_before() -> None:
    """To a thousandth: the weights are stored with half as many bits."""
    texts = [f"{each.title}\n{each.text}" for each in lessons(30, seed=5)]
    again = from_bytes(to_bytes(MODEL))

    before, after = (each.probabilities(texts, np.zeros((30, 3))) for each in (MODEL, again))

    assert MODEL.learned == again.learned
    assert (MODEL.machines.vocabulary.loudness == again.machines.vocabulary.loudness).all()
    assert np.abs(before - after).max() < 1e-3


def test_a_model_of_before_is_read() -> None:
    """It counts n-grams, does not look at which are there at all, and is as sure as its calibration says."""
    labels = len(MODEL.learned.labels)
    factors, beside = MODEL.learned.calibration.factors, MODEL.learned.calibration.beside
    before = msgspec.structs.replace(
        MODEL.learned.calibration, factors=factors[:3], beside=beside[:labels] + beside[2 * labels :]
    )
    learned = msgspec.structs.replace(MODEL.learned, calibration=before, surety=None)
    earlier = Model(learned, MODEL.machines._replace(seen=None))

    again = from_bytes(to_bytes(earlier))
    shares = again.probabilities(["公交车站"], np.zeros((1, labels)))

    assert (None, None) == (again.machines.seen, again.learned.surety)
    assert np.allclose(earlier.probabilities(["公交车站"], np.zeros((1, labels))), shares, atol=1e-3)


def test_a_model_of_before_beginnings_were_louder_reads_as_it_learned() -> None:
    """It has no such numbers: everything is as loud, at its beginning and far behind."""
    before = Vocabulary(MODEL.machines.vocabulary.hashes, MODEL.machines.vocabulary.rarity, ALL_ALIKE)
    stored = to_bytes(Model(MODEL.learned, MODEL.machines._replace(vocabulary=before)))
    again = from_bytes(stored)
    told, short = (np.diff(again.machines.vocabulary.loud(np.array([0, at]))) for at in (9_000, 50))

    assert [0, 0] == [*told, *short]
    assert again.machines.vocabulary.rows(["公交车站"]).counted.nnz
    assert _names(stored) > _OF_BEFORE


def test_a_release_that_hears_no_loudness_refuses_what_has_one() -> None:
    """It lacks an array that such a release asks for: better than judging otherwise without a word."""
    assert _OF_BEFORE - {"rarity"} == _OF_BEFORE & _names(to_bytes(MODEL))
    with pytest.raises(ValueError, match="no model"):
        from_bytes(_stored_with(loudness=None))


@pytest.mark.parametrize("loudness", [[], [[16]], [16, 0]])
def test_numbers_that_are_no_loudness_are_refused(loudness: list[int]) -> None:
    """None at all, in two dimensions, silence."""
    with pytest.raises(ValueError, match="no model"):
        from_bytes(_stored_with(loudness=np.array(loudness, dtype=np.uint8)))


def _names(stored: bytes) -> set[str]:
    with np.load(io.BytesIO(stored)) as kept:
        return set(kept.files)


def _stored_with(*, loudness: np.ndarray | None) -> bytes:
    with np.load(io.BytesIO(to_bytes(MODEL))) as kept:
        parts = {name: kept[name] for name in kept.files if name != "loudness"}
    target = io.BytesIO()
    np.savez(target, allow_pickle=False, **parts, **({} if loudness is None else {"loudness": loudness}))
    return target.getvalue()


def test_a_calibration_of_another_model_is_refused() -> None:
    """Of one machine, where two are stored."""
    half = MODEL.machines._replace(seen=None)

    with pytest.raises(ValueError, match="no model"):
        from_bytes(to_bytes(Model(MODEL.learned, half)))


def test_a_damaged_surety_is_refused() -> None:
    """Of fewer signs than are looked at, before it judges anything."""
    surety = Surety(weights=(1.0,), offset=0.0)

    with pytest.raises(ValueError, match="no model"):
        from_bytes(to_bytes(Model(msgspec.structs.replace(MODEL.learned, surety=surety), MODEL.machines)))


def test_no_word_of_a_message_is_stored() -> None:
    """Hashes and numbers alone: who has the model cannot read what citizens wrote."""
    stored = to_bytes(MODEL)

    for each in lessons(60):
        assert each.title.encode() not in stored


@pytest.mark.parametrize("damaged", [b"", b"no model", to_bytes(MODEL)[:2000]])
def test_what_is_no_model_is_refused(damaged: bytes) -> None:
    """With a ValueError, whatever it is."""
    with pytest.raises(ValueError, match="no model"):
        from_bytes(damaged)


@pytest.mark.parametrize(
    "part", ["weights", "offsets", "seen_weights", "seen_offsets", "rarity_of_loud", "learned"]
)
def test_parts_that_do_not_fit_are_refused(part: str) -> None:
    """Cut short, or no numbers."""
    with np.load(io.BytesIO(to_bytes(MODEL))) as kept:
        parts = dict(kept)
    for wrong in (
        parts[part][:-1],
        np.full_like(parts[part], np.nan) if part != "learned" else parts[part][1:],
    ):
        target = io.BytesIO()
        np.savez(target, allow_pickle=False, **{**parts, part: wrong})

        with pytest.raises(ValueError, match="no model"):
            from_bytes(target.getvalue())


def test_nothing_in_it_can_run() -> None:
    """A pickle inside is refused, not opened."""
    with np.load(io.BytesIO(to_bytes(MODEL))) as kept:
        parts = dict(kept)
    target = io.BytesIO()
    np.savez(target, **{**parts, "weights": np.array([object()], dtype=object)})

    with pytest.raises(ValueError, match=r"no model|allow_pickle"):
        from_bytes(target.getvalue())
