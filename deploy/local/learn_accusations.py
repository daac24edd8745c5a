"""Learns anew what accusations sound like: `python -m deploy.local.learn_accusations`, after a change of the sentences."""

from pathlib import Path

from intake.core.wording import normalised, simplified
from routing.core.misconduct import compact, respelt
from routing.core.misconduct_rules import AccusationRules
from routing.core.rules import load_rules
from routing.core.suspicion.sentences import listed, sentences_of
from routing.core.suspicion.stored import to_text
from routing.core.suspicion.training import learn
from routing.core.suspicion.weighing import Weights

_TARGET = Path(__file__).parents[2] / "routing" / "data" / "accusations.json"


def learned() -> Weights:
    """What the shipped sentences teach, with the words of the example city."""
    rules = load_rules().accusations
    return learn(sentences_of(listed()), lambda text: _seen(rules, text))


def _seen(rules: AccusationRules, text: str) -> str:
    plain = normalised(text)
    return rules.signs.see(respelt(rules, compact(simplified(plain) or plain))).text


if __name__ == "__main__":
    _TARGET.write_text(to_text(learned()), encoding="utf-8")
