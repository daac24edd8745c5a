"""Learns what something sounds like from sentences that are marked `+` or `-`: the same sentences, the same weights."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from routing.core.suspicion.laying import SLOT_BITS, lay, runs_of, slots_of
from routing.core.suspicion.sentences import Sentence
from routing.core.suspicion.weighing import Weights, discount

#: Sentences that an n-gram must stand in: one that stands in a single sentence names that sentence (project
#: choice: the least that excludes it).
_SENTENCES = 2
#: Characters of clauses of an everyday sentence that are worth learning from, and how much of a whole sentence they count.
#: Project choices: of none, .2, .3, .5 and 1 it finds most in long letters for as many false alarms.
_CLAUSES, _COUNTS = 4, 0.2
#: Weights nearer to nothing than this, in `_UNIT`s, are nothing (project choice).
_LEAST = 6
#: How much weights may differ from none. Project choice: of .15, .5 and 2 it found most of what was held out.
_FREEDOM = 0.5
#: Of a weight. Project choice: a hundredth of what decides.
_UNIT = 1 / 256


def learn(sentences: Sequence[Sentence], see: Callable[[str], str], *, in_runs: bool = False) -> Weights:
    """The weights. `see`: a text with signs for its words. `in_runs`: what is weighed are runs of clauses, too."""
    from sklearn.linear_model import LogisticRegression  # here: whoever only weighs does not wait for it

    seen = [see(sentence.text) for sentence in sentences]
    everyday = [text for text, sentence in zip(seen, sentences, strict=True) if not sentence.is_meant]
    # Of a danger nobody knows which of its clauses tell of it.
    runs = [run for text in everyday for run in _runs(text)] if in_runs else []
    rows = _rows([*seen, *runs])
    known = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]) >= _SENTENCES)
    machine = LogisticRegression(C=_FREEDOM, solver="liblinear", tol=1e-7, max_iter=1000, random_state=0)
    # As many as the sentences alone: what is learned from, not how much of it, says how likely danger is.
    fewer = len(everyday) / (len(everyday) + _COUNTS * len(runs)) if everyday else 1.0
    machine.fit(
        rows[:, known],
        [*(sentence.is_meant for sentence in sentences), *(False for _ in runs)],
        sample_weight=[
            *(1.0 if sentence.is_meant else fewer for sentence in sentences),
            *(_COUNTS * fewer for _ in runs),
        ],
    )
    values = np.rint(machine.coef_[0] / _UNIT).astype(np.int16)
    matters = np.abs(values) >= _LEAST
    places, values = known[matters].astype(np.uint32), values[matters]
    return Weights(places, values, round(float(machine.intercept_[0]), 2), _UNIT, _version(values))


def _runs(text: str) -> list[str]:
    """Of clauses, none of them all of it."""
    laid = lay([text])
    begun = zip(*[places.tolist() for places in runs_of(laid, sentences_over=0)], strict=True)
    parts = {laid.units[start:stop].tobytes().decode("utf-16-le", "replace").strip() for start, stop in begun}
    return sorted(part for part in parts - {text.strip()} if len(part) >= _CLAUSES)


def _rows(texts: Sequence[str]) -> Any:
    """A row for each text: which n-grams stand in it, discounted by how many they are."""
    from scipy.sparse import csr_matrix  # here: see `learn`

    laid = lay(texts)
    owner = np.searchsorted(laid.text_ends, np.arange(len(laid.units)))
    inside = laid.ends == 0
    owners = np.concatenate([owner[inside]] * 4).astype(np.int32)
    slots = np.concatenate([row[inside] for row in slots_of(laid)]).astype(np.int32)
    rows = csr_matrix((np.ones(len(slots), np.float32), (owners, slots)), shape=(len(texts), 1 << SLOT_BITS))
    rows.sum_duplicates()
    rows.data = np.repeat(discount(np.diff(rows.indptr)), np.diff(rows.indptr)).astype(np.float32)
    return rows


def _version(values: np.ndarray) -> str:
    return sha256(values.tobytes()).hexdigest()[:8]
