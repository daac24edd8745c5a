"""Recognises a message that a browser sends twice: the same words and files within a day are one message.

Whoever presses Back after sending gets a new form; nothing but its content says that it was sent before.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

#: Project choice: who presses Back does so at once, and what is still broken a day later is told anew.
SAME_WITHIN = timedelta(hours=24)
_STEP = timedelta(hours=1)
_STEPS = SAME_WITHIN // _STEP


def nonce_at(now: datetime, random: str) -> str:
    """The own key of a form that is shown now: it says when, and is another for each form."""
    return f"{_hour(now):x}-{random}"


def keys_of(browser: str, content: str, nonce: str, now: datetime) -> Sequence[str]:
    """The key to send under, then those that the same message may have come under within `SAME_WITHIN`, latest first.

    By the hour: a message that comes twice in one has one key, and no store need be asked. `browser`: its secret.
    `nonce`: of the form, which has one key whenever it is sent: two clicks over the hour are one message.
    """
    latest = _hour(now)
    shown = _shown(nonce, latest)
    hours = [latest - step for step in range(_STEPS + 1)]
    first = shown if shown in hours else latest
    return [_key(browser, content, hour) for hour in dict.fromkeys((first, shown, *hours))]


def _shown(nonce: str, latest: int) -> int:
    """The hour in which the form was shown, as its nonce says; `latest` where it says none, or one that is still to come."""
    try:
        return min(int(nonce.partition("-")[0], 16), latest) if "-" in nonce[:12] else latest
    except ValueError:
        return latest


def _key(browser: str, content: str, hour: int) -> str:
    return hashlib.sha256(msgspec.json.encode([browser, content, hour])).hexdigest()


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // _STEP.total_seconds())
