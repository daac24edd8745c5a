"""Learns anew what accusations and dangers sound like: `python -m deploy.local.learn_sounds`, after they change."""

from pathlib import Path

from intake.core.wording import normalised, simplified
from routing.core.accusations.laid_out import compact, respelt
from routing.core.accusations.misconduct_rules import AccusationRules
from routing.core.danger.perils_in_english import begins_in_english
from routing.core.rules import load_rules
from routing.core.suspicion.sentences import Sentence, Subject, listed, sentences_of
from routing.core.suspicion.spelling import spelt, with_full_stops
from routing.core.suspicion.stored import to_text
from routing.core.suspicion.training import learn
from routing.core.suspicion.weighing import Weights

_FOLDER = Path(__file__).parents[2] / "routing" / "data"


def learned(subject: Subject) -> Weights:
    """What the shipped sentences teach, with the words of the example city."""
    if subject is Subject.DANGERS_IN_ENGLISH:
        return learn(_sentences(subject), _seen_in_english, in_runs=True)
    rules = load_rules().accusations
    return learn(_sentences(subject), lambda text: _seen(rules, text), in_runs=subject is Subject.DANGERS)


def _sentences(subject: Subject) -> list[Sentence]:
    """Those of its file; whoever accuses officials is in no danger now, as whoever only complains of them."""
    own = sentences_of(listed(subject))
    if subject is Subject.ACCUSATIONS:
        return own
    others = [each.text for each in sentences_of(listed(Subject.ACCUSATIONS))]
    if subject is Subject.DANGERS_IN_ENGLISH:
        others = [*filter(begins_in_english, others)]
    return [*own, *(Sentence(text, is_meant=False) for text in others)]


def _seen_in_english(text: str) -> str:
    return spelt(with_full_stops(normalised(text)))


def _seen(rules: AccusationRules, text: str) -> str:
    plain = normalised(text)
    return rules.signs.see(respelt(rules, compact(simplified(plain) or plain))).text


if __name__ == "__main__":
    for each in Subject:
        (_FOLDER / f"{each}.json").write_text(to_text(learned(each)), encoding="utf-8")
