"""Open311 as clients with pictures send it (multipart/form-data): what comes along is the message's, or refused."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from schemas.events.intake import SubmissionAccepted
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database

PATH = "/open311/v2/requests.json"
#: Bytes of a file.
MOST = 64 * 1024
WORDS = {
    "service_code": "transport", "lat": "30.6", "long": "114.3", "description": "路灯坏了\n三天没人修。", "publish": "true",
}  # fmt: skip


@pytest.fixture
async def city(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> AsyncIterator[FileCity]:
    """One for each test."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path, attachment_max_bytes=MOST, attachments_per_message=3) as city:
        yield city


async def _sent(city: FileCity, *files: tuple[str, bytes], **headers: str) -> tuple[int, Any]:
    return await _posted(city, WORDS, *files, **headers)


async def _posted(
    city: FileCity, words: dict[str, str], *files: tuple[str, bytes], **headers: str
) -> tuple[int, Any]:
    form = aiohttp.FormData(words, default_to_multipart=True, quote_fields=False)
    for name, content in files:
        form.add_field("media", content, filename=name)
    async with city.http.post(PATH, data=form, headers={"accept-language": "en", **headers}) as answer:
        return answer.status, json.loads(await answer.text())


def _last(city: FileCity) -> SubmissionAccepted:
    event = city.kafka.events[-1]
    assert isinstance(event, SubmissionAccepted)
    return event


async def test_words_alone_are_a_message(city: FileCity) -> None:
    """However the form is packed."""
    status, (request,) = await _sent(city)

    assert (200, request["service_request_id"]) == (status, _last(city).tracking_code)
    assert ("路灯坏了", ()) == (_last(city).title, _last(city).attachments)
    assert _last(city).publish


async def test_a_picture_is_the_messages(city: FileCity) -> None:
    """Its department gets it, and everybody reads the words alone; sent twice with one key it is one message."""
    key = {"Idempotency-Key": "with a picture"}
    status, first = await _sent(city, ("现场.pdf", PDF), **key)
    again = await _sent(city, ("现场.pdf", PDF), **key)
    case = await city.registered()

    assert (200, first) == (status, again[1])
    assert 1 == len(city.kafka.events)
    assert ["现场.pdf"] == [each.name for each in case.attachments]
    assert () == _last(city).publish_attachments
    assert 200 == (await _sent(city, ("a.pdf", PDF), ("b.pdf", PDF + b" ")))[0]
    assert 200 == (await _posted(city, {**WORDS, "description": "……！"}, ("a.pdf", PDF)))[0], "it says all"
    assert 400 == (await _posted(city, {**WORDS, "description": "……！"}))[0]
    assert [1, 2, 1] == [
        len(each.attachments) for each in city.kafka.events if isinstance(each, SubmissionAccepted)
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a.exe", b"MZ\x00\x01")], "media: a.exe: "),
        ([("a.pdf", PDF), ("b.exe", b"MZ\x00\x01")], "media: b.exe: "),
        ([(f"{number}.pdf", PDF) for number in range(4)], "media: At most "),
    ],
)
async def test_what_is_not_taken_is_refused_with_the_message(
    city: FileCity, files: list[tuple[str, bytes]], said: str
) -> None:
    """In the standard's list, by name: nobody believes that a picture went along."""
    status, (error,) = await _sent(city, *files)

    assert (400, 400) == (status, error["code"])
    assert str(error["description"]).startswith(said)
    assert [] == city.kafka.events


async def test_no_file_of_a_form_that_is_refused_is_kept(city: FileCity) -> None:
    """Whoever mends it and tries again would fill their share with files that no message names."""
    status, (error,) = await _posted(city, {**WORDS, "lat": "", "long": ""}, ("a.pdf", PDF))

    assert (400, "address_string: Give lat and long, or address_string.") == (status, error["description"])
    assert [] == city.blobs


async def test_more_than_any_form_has_is_refused(city: FileCity) -> None:
    """Before it is read to its end."""
    status, (error,) = await _sent(city, ("a.pdf", PDF + b"0" * 10 * MOST))

    assert (413, 413) == (status, error["code"])


async def test_a_key_in_an_address_is_refused(city: FileCity) -> None:
    """Proxies keep addresses; and a message would come from nobody, whose sender thinks that it said who it is."""
    headers = {"accept-language": "en"}
    async with city.http.post(f"{PATH}?api_key=k", data=WORDS, headers=headers) as answer:
        (error,) = json.loads(await answer.text())

    assert (400, "api_key: Send it in the form, not in the address.") == (error["code"], error["description"])
    assert [] == city.kafka.events
