"""Bodies that are compressed, which nobody reads."""

import gzip
import json

import aiohttp
import pytest

from deploy.database.pool import Pool
from tests.integration.deploy.site import rows

GOOD = {"number": 1, "text": "路灯"}


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "Zstd"])
async def test_what_is_compressed_is_refused_in_words(
    http: aiohttp.ClientSession, pool: Pool, coding: str
) -> None:
    """Whatever it holds; said to be as it is, it is read."""
    headers = {"content-encoding": coding, "content-type": "application/json", "accept-language": "en"}
    async with http.post("/api/v1/notes", data=gzip.compress(b"{}"), headers=headers) as answer:
        answer_status, found = answer.status, await answer.json(content_type=None)
    async with http.post(
        "/api/v1/notes", data=json.dumps(GOOD), headers=headers | {"content-encoding": "identity"}
    ) as answer:
        assert 201 == answer.status

    assert (415, 415, "coding-refused") == (answer_status, found["status"], found["code"])
    assert "without Content-Encoding" in found["detail"]
    assert await rows(pool) == (1, 1)
