"""How Chinese is searched: every two neighbouring characters are a word, Latin words and numbers stay whole."""

import re
from operator import add

from intake.core.wording import matchable

_RUNS = re.compile(r"[0-9a-z]+|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
#: Characters that are kept of a Latin word. Project choice: nobody types more, and Postgres refuses beyond 2 kB.
_LONGEST_WORD = 40


def bigrams(*texts: str) -> set[str]:
    """The words that a search finds these texts by."""
    words: set[str] = set()
    for run in _RUNS.findall(matchable("\n".join(texts))):
        if run.isascii():
            words.add(run[:_LONGEST_WORD])
        else:
            # The last character stands alone, so that a search for one character finds it by its beginning.
            words.update(map(add, run, run[1:]))
            words.add(run[-1])
    return words


def query(typed: str) -> str | None:
    """What was typed, as a tsquery over our words: all of them must be there. None where nothing can be searched."""
    terms: list[str] = []
    for run in _RUNS.findall(matchable(typed)):
        if run.isascii():
            terms.append(f"'{run[:_LONGEST_WORD]}':*")
        elif len(run) == 1:
            terms.append(f"'{run}':*")
        else:
            terms += [f"'{run[place : place + 2]}'" for place in range(len(run) - 1)]
    return " & ".join(dict.fromkeys(terms)) or None
