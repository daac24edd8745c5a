"""All of routing's SQL. Bulk statements cost the same number of trips for a batch of any size."""

from typing import Any

import msgspec


def as_json(value: Any) -> str:
    """JSON text for a jsonb parameter."""
    return msgspec.json.encode(value).decode()
