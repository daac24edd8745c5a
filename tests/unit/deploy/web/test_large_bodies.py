"""Large bodies: nobody holds the places of all others, and none fills the disk while it comes."""

from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
from starlette.datastructures import UploadFile

from deploy.observability.disk import Room
from deploy.settings import Settings
from deploy.web import multipart
from deploy.web.large_bodies import MOST_OF_ONE, LargeBodies
from schemas.errors import NoRoomLeft, TooMany


@pytest.fixture
def bodies() -> LargeBodies:
    """Those of a process."""
    return LargeBodies(Room(Settings()))


def test_nobody_holds_the_places_of_all(bodies: LargeBodies) -> None:
    """Of one network as many as of one address; who gives a place back has one."""
    with ExitStack() as held:
        for number in range(MOST_OF_ONE):
            held.enter_context(bodies.place(f"2001:db8:1:2::{number:x}"))
        with pytest.raises(TooMany), bodies.place("2001:db8:1:2::ffff"):
            raise AssertionError
        with bodies.place("203.0.113.7"):
            pass
    with bodies.place("2001:db8:1:2::ffff"):
        pass


def test_this_machine_has_as_many_as_it_wants(bodies: LargeBodies) -> None:
    """As with every limit: behind a proxy that nobody named it is everybody."""
    with ExitStack() as held:
        for _ in range(MOST_OF_ONE + 1):
            held.enter_context(bodies.place("127.0.0.1"))


async def _form() -> AsyncIterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
    while True:
        yield bytes(100_000)


async def test_a_form_that_would_fill_the_disk_is_given_up(
    bodies: LargeBodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its files come, and not once they are there."""
    looks = iter((False,) * 10)
    monkeypatch.setattr(Room, "is_short", lambda _: next(looks, True))
    headers = {"content-type": "multipart/form-data; boundary=b"}

    with pytest.raises(NoRoomLeft):
        await multipart.read_parts(headers, bodies.while_there_is_room(_form(), 1000), 1000)


async def test_words_alone_are_read_whatever_room_there_is(
    bodies: LargeBodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sent them reads on their page that there is none, and loses nothing of them."""
    monkeypatch.setattr(Room, "is_short", lambda _: True)

    async def words() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nlamp\r\n--b--\r\n'

    headers = {"content-type": "multipart/form-data; boundary=b"}
    parts = await multipart.read_parts(headers, bodies.while_there_is_room(words(), 1000), 1000)

    assert [("text", "lamp")] == parts.pairs


async def test_of_files_that_nobody_keeps_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words behind them are read."""

    async def form() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
        for _ in range(10):
            yield bytes(100_000)
        yield b'\r\n--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nlamp\r\n--b--\r\n'

    async def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(UploadFile, "write", fail)
    headers = {"content-type": "multipart/form-data; boundary=b"}
    parts = await multipart.read_parts(headers, form(), 1000, keeps_files=False)
    await parts.close()

    assert [("text", "lamp")] == parts.pairs


async def test_where_no_file_fits_any_more_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """503, come again: nothing is wrong with the form."""

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(UploadFile, "write", full)
    headers = {"content-type": "multipart/form-data; boundary=b"}

    with pytest.raises(NoRoomLeft):
        await multipart.read_parts(headers, _form(), 1000)
