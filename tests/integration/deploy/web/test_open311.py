"""Open311 behind the real edge: forms that programs send, answers and refusals in the format of the address."""

import json
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.web.rate_limits import GUESSES_PER_MINUTE
from schemas.events.intake import SubmissionAccepted
from schemas.words import Channel, Role
from tests.integration.deploy.web.city_of_views import WatchedCity, watched_city
from tests.kafka_in_memory import KafkaInMemory
from tests.stack import fresh_database

PATH = "/open311/v2"
FORM = {
    "service_code": "transport", "lat": "30.6", "long": "114.3", "description": "路灯坏了\n三天没人修。",
    "first_name": "小明", "last_name": "王", "phone": "13800138000", "device_id": "d-1", "account_id": "a-1",
    "media_url": "http://127.0.0.1/a.jpg", "jurisdiction_id": "city.example", "publish": "true",
}  # fmt: skip
ENGLISH = {"accept-language": "en"}
FORM_HEADER = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def kafka() -> KafkaInMemory:
    """What was taken."""
    return KafkaInMemory()


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, kafka: KafkaInMemory
) -> AsyncIterator[WatchedCity]:
    """One for the file."""
    async with watched_city(await fresh_database(postgres_server.url, like=migrated), kafka) as city:
        yield city


async def _asked(
    city: WatchedCity, method: str, path: str, **more: Any
) -> tuple[int, aiohttp.ClientResponse, str]:
    async with city.http.request(method, PATH + path, **more) as answer:
        return answer.status, answer, await answer.text()


async def _posted(city: WatchedCity, form: dict[str, str], **headers: str) -> Any:
    status, _, text = await _asked(city, "POST", "/requests.json", data=form, headers=headers)
    assert 200 == status, text
    (request,) = json.loads(text)
    return request


def _last(kafka: KafkaInMemory) -> SubmissionAccepted:
    event = kafka.events[-1]
    assert isinstance(event, SubmissionAccepted)
    return event


async def test_it_is_found_by_its_discovery(city: WatchedCity) -> None:
    """In both formats; the address that it tells is the one that answers."""
    _, xml, text = await _asked(city, "GET", "/discovery.xml")
    told = ElementTree.fromstring(text)  # noqa: S314  our own
    _, plain, told_in_json = await _asked(city, "GET", "/discovery.json")
    (endpoint,) = json.loads(told_in_json)["endpoints"]

    assert ("text/xml; charset=utf-8", "application/json; charset=utf-8") == (
        xml.headers["content-type"], plain.headers["content-type"],
    )  # fmt: skip
    assert endpoint["url"] == told.findtext("endpoints/endpoint/url")
    assert str(endpoint["url"]).endswith(PATH)
    assert ["text/xml", "application/json"] == endpoint["formats"]


async def test_its_services_are_the_citys_categories(city: WatchedCity) -> None:
    """Each with a definition that asks for nothing more; another has none."""
    _, _, text = await _asked(city, "GET", "/services.json", headers=ENGLISH)
    services = {each["service_code"]: each["service_name"] for each in json.loads(text)}
    assert "Transport" == services["transport"]

    _, _, text = await _asked(city, "GET", "/services/transport.xml")
    definition = ElementTree.fromstring(text)  # noqa: S314  our own
    assert ("service_definition", "transport", 0) == (
        definition.tag, definition.findtext("service_code"), len(definition.findall("attributes/attribute")),
    )  # fmt: skip
    status, _, text = await _asked(city, "GET", "/services/nothing.json", headers=ENGLISH)
    assert (404, 404) == (status, json.loads(text)[0]["code"])


async def test_a_message_is_taken_as_our_own_api_takes_it(city: WatchedCity, kafka: KafkaInMemory) -> None:
    """Durable, with both codes; what it says is all there, and nobody without a token says who they are elsewhere."""
    request = await _posted(city, FORM)
    event = _last(kafka)

    assert event.tracking_code == request["service_request_id"]
    assert request["access_code"] in request["service_notice"]
    assert "a-1" == request["account_id"]
    assert (Channel.WEB, "web", None, False) == (event.channel, event.source, event.sender_id, event.publish)
    assert "（来件选择的类别：transport）\n（来件附有链接：http://127.0.0.1/a.jpg）" in event.text
    assert event.contact is not None
    assert ("王小明", "13800138000") == (event.contact.name, event.contact.phone)
    headers = {"Access-Code": request["access_code"]}
    status, _, text = await _asked(city, "GET", f"/requests/{event.tracking_code}.xml", headers=headers)
    assert (200, "open") == (status, ElementTree.fromstring(text).findtext("request/status"))  # noqa: S314  our own
    # As every app does: that guesses nothing, however often, and locks nobody out.
    for _ in range(2 * GUESSES_PER_MINUTE):
        assert 404 == (await _asked(city, "GET", f"/requests/{event.tracking_code}.xml"))[0]
    assert 200 == (await _asked(city, "GET", f"/requests/{event.tracking_code}.xml", headers=headers))[0]
    _, _, text = await _asked(city, "GET", f"/tokens/{event.tracking_code}.json")
    assert [{"service_request_id": event.tracking_code, "token": event.tracking_code}] == json.loads(text)


async def test_the_same_key_is_one_message(city: WatchedCity, kafka: KafkaInMemory) -> None:
    """With other content it is refused, in the list of the standard."""
    key = {"Idempotency-Key": "open311-1"}
    first, before = await _posted(city, FORM, **key), len(kafka.events)
    assert first == await _posted(city, FORM, **key)
    assert before == len(kafka.events)

    other = {**FORM, "description": "另一件事"}
    status, answer, text = await _asked(city, "POST", "/requests.json", data=other, headers=key)
    assert (409, 409, "zh-Hans") == (status, json.loads(text)[0]["code"], answer.headers["content-language"])


async def test_a_token_says_whose_system_it_is(city: WatchedCity, kafka: KafkaInMemory) -> None:
    """As `api_key` or in the header of our own API; it stands nowhere in the message."""
    token = city.tokens[Role.SUPERVISOR]
    await _posted(city, {**FORM, "api_key": token})
    by_field = _last(kafka)
    await _posted(city, FORM, Authorization=f"Bearer {token}")

    assert by_field.source == _last(kafka).source != "web"
    assert "account:a-1" == by_field.sender_id
    assert token not in repr(by_field)


async def test_secrecy_is_asked_for_by_any_field(city: WatchedCity, kafka: KafkaInMemory) -> None:
    """And promised in the answer."""
    notice = (await _posted(city, FORM))["service_notice"]
    asked = await _posted(city, {**FORM, "attribute[is_anonymous]": "true"})

    assert _last(kafka).confidential
    assert len(asked["service_notice"]) > len(notice)


async def test_danger_is_answered_with_whom_to_call_first(city: WatchedCity) -> None:
    """Before the codes, also where no word of a list tells it; of anything else nobody is called."""
    for described in ("楼下着火了", "一个男孩站在十几楼的窗台外面"):
        notice = (await _posted(city, FORM | {"description": described}))["service_notice"]
        assert notice.startswith("有人有危险时")
        assert "119" in notice
    assert "119" not in (await _posted(city, FORM))["service_notice"]
    for described, is_told in (("楼下着火了", True), ("路灯不亮", False)):
        form = FORM | {"description": described, "service_code": "no-such"}
        _, _, refused = await _asked(city, "POST", "/requests.json", data=form)
        first = json.loads(refused)[0]
        assert (404, is_told) == (first["code"], "119" in first["description"])


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"service_code": ""}, 400, ["service_code: This field is required."]),
        ({"service_code": "nothing"}, 404, ["There is no such service_code; see services."]),
        ({"lat": "", "long": ""}, 400, ["address_string: Give lat and long, or address_string."]),
        ({"phone": "abc"}, 400, ["phone: This does not look like a telephone number."]),
        ({"api_key": "nobodys"}, 403, ["Sign in, or send a valid token."]),
    ],
)
async def test_a_refusal_is_in_the_standards_words(
    city: WatchedCity, kafka: KafkaInMemory, form: dict[str, str], status: int, said: list[str]
) -> None:
    """In both formats, and nothing was taken."""
    before = len(kafka.events)
    for format_name in ("json", "xml"):
        path = f"/requests.{format_name}"
        found, _, text = await _asked(city, "POST", path, data={**FORM, **form}, headers=ENGLISH)
        if format_name == "json":
            errors = [(each["code"], each["description"]) for each in json.loads(text)]
        else:
            listed = ElementTree.fromstring(text).findall("error")  # noqa: S314  our own
            errors = [
                (int(each.findtext("code") or 0), each.findtext("description") or "") for each in listed
            ]
        assert (status, [(status, each) for each in said]) == (found, errors)
    assert before == len(kafka.events)


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", "/requests.json", {"json": FORM}, 400),
        ("POST", "/requests.json", {"data": b"a=1&" * 300, "headers": FORM_HEADER}, 400),
        ("POST", "/requests.json", {"data": {"description": "长" * 100_000}}, 413),
        ("GET", "/requests.json?page_size=0", {}, 400),
        ("GET", "/requests.json?status=done", {}, 400),
        ("GET", "/requests.json?start_date=%00", {}, 400),
        ("GET", "/requests/nonsense.json", {}, 404),
        ("GET", "/tokens/nonsense.json", {}, 404),
    ],
)  # fmt: skip
async def test_whatever_is_wrong_is_a_list(
    city: WatchedCity, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    """Also what the edge finds before anybody is asked."""
    found, answer, text = await _asked(city, method, path, **more)

    assert (status, "application/json") == (found, answer.content_type)
    assert {status} == {each["code"] for each in json.loads(text)}


async def test_another_format_is_not_there(city: WatchedCity, kafka: KafkaInMemory) -> None:
    """Nothing is taken that could not be answered; it is said in XML, which the standard needs."""
    before = len(kafka.events)
    for method, path in (("GET", "/services.yaml"), ("POST", "/requests.html"), ("GET", "/discovery.")):
        status, answer, text = await _asked(city, method, path, data=FORM if method == "POST" else None)
        assert 404 == status, text
        if not path.endswith("."):
            assert "text/xml" == answer.content_type
    assert before == len(kafka.events)


async def test_what_is_published_is_read_in_both_formats(city: WatchedCity) -> None:
    """A list, empty as long as nothing is."""
    assert (200, "[]") == (await _asked(city, "GET", "/requests.json"))[::2]
    status, _, text = await _asked(city, "GET", "/requests.xml")
    root = ElementTree.fromstring(text)  # noqa: S314  our own
    assert (200, "service_requests", 0) == (status, root.tag, len(root))
