"""Figures: percentiles, and a report that is JSON for scripts and lines for people."""

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0–1) of them do not exceed (nearest rank).

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def milliseconds(seconds: Sequence[float], shares: Sequence[float] = (0.5, 0.95, 0.99)) -> dict[str, float]:
    """`{"p50": …}` in milliseconds; of nothing, nothing."""
    if not seconds:
        return {}
    return {f"p{share * 100:g}": round(percentile(seconds, share) * 1000, 1) for share in shares}


def report(found: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what was measured on stdout."""
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{name:<36} {value}\n" for name, value in _flat(found))


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            for number, line in enumerate(value, start=1):
                yield from _flat(line, f"{prefix}{name}.{number}.")
        else:
            yield f"{prefix}{name}", f"{value:,}" if isinstance(value, (int, float)) else str(value)


def say(line: str) -> None:
    """Tell the person at the terminal how far it is: one line on stderr."""
    sys.stderr.write(f"bench: {line}\n")
    sys.stderr.flush()
