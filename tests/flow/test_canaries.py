"""What people must not read is planted in messages by every door, repeated by everybody, and looked for everywhere."""

from collections.abc import Iterator, Sequence

import aiohttp
from aiokafka import AIOKafkaProducer

from deploy.messaging.client.client import client_options
from deploy.messaging.dead.dead_letters import stored_letters
from tests.faults.traffic import settings_of
from tests.flow import open_places
from tests.flow.canaries import Canary, Leak, Planted, leaks_in, plant, planted
from tests.flow.doors import send_by_all
from tests.flow.lives import ANSWERED, Life, departments_of, live
from tests.flow.open_places import Place
from tests.stack import Stack, eventually

MESSAGES, LIVES = 42, 9
#: Comes in no door: a record that somebody broke, which becomes a dead letter.
BROKEN = planted(90)


async def test_nothing_planted_is_read_anywhere(city: Stack, http: aiohttp.ClientSession) -> None:
    """Contact data and names nowhere; homes only where somebody must go; how a department calls its citizen, there too."""
    messages, said = await _sent(city)
    lives = await live(city, http, messages[:LIVES])
    await _break_a_record(city)
    await _registered(city)
    having = await departments_of(city)
    places = [
        Place(name="huiyin import", text=said),
        *open_places.in_logs(city),
        *await open_places.said_by_commands(city),
        *[place async for place in open_places.on_topics(city, having)],
        *[place async for place in open_places.in_tables(city)],
        *[place async for place in open_places.on_routes(city, http, lives, having)],
    ]

    # The search finds what is there: messages as they were sent, which intake alone reads.
    whole = await open_places.submissions(city)
    planted_ones = {
        canary for message in messages for canary in (*message.canaries, message.home, message.bare_name)
    }
    found = {(leak.kind, leak.written) for leak in leaks_in(whole.name, whole.text, planted_ones)}
    assert {(canary.kind, canary.written) for canary in planted_ones} == found
    leaks = {str(leak) for leak in _leaks([*messages, BROKEN], lives, places)}
    assert not leaks, "\n".join(sorted(leaks))


async def _sent(city: Stack) -> tuple[Sequence[Planted], str]:
    """Each message by one door; the forms need cookies."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(city.url, cookie_jar=jar) as browser:
        return await send_by_all(city, browser, plant(MESSAGES))


async def _registered(city: Stack) -> None:
    """Until every message is on some desk, or with a dispatcher."""
    query = """
        SELECT count(*) FROM intake."case" c JOIN intake.view v USING (case_id)
        WHERE c.title LIKE '望江路路灯坏了%' AND v.state <> 'registered'
    """

    async def look() -> int:
        return await city.number(query)

    await eventually(look, is_done=lambda count: count == MESSAGES, seconds=40)


async def _break_a_record(city: Stack) -> None:
    """A message that no slice can read, on the topic that holds messages as they were sent."""
    value = f"{{{BROKEN.title}{BROKEN.text}{BROKEN.repeated}".encode()
    async with AIOKafkaProducer(**client_options(settings_of(city))) as producer:
        await producer.send_and_wait(
            f"{city.prefix}.submissions.v1", value, headers=[("ce_type", b"submission.accepted.v1")]
        )

    async def look() -> bool:
        return value in [letter.original().value async for letter in stored_letters(settings_of(city))]

    await eventually(look, seconds=30)


def _leaks(messages: Sequence[Planted], lives: Sequence[Life], places: Sequence[Place]) -> Iterator[Leak]:
    """What can be read where it must not be."""
    answered = frozenset(life.message.number for life in lives[:ANSWERED])
    for place in places:
        yield from leaks_in(place.name, place.text, _unwanted(messages, answered, place))


def _unwanted(messages: Sequence[Planted], answered: frozenset[int], place: Place) -> Iterator[Canary]:
    for message in messages:
        yield from message.canaries
        belongs = place.homes_of is None or message.number in place.homes_of
        if not belongs:
            yield message.home
        # The department may look up whom it answers: what it calls them stays with it, the dispatcher and the citizen.
        if not (belongs and message.number in answered):
            yield message.bare_name
