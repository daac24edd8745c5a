"""Fetches that name only what has changed since the last one (KIP-227), which aiokafka does not speak.

Without it every fetch names all partitions of a group, some fifty, and so does every answer, though one of them has a
record: most of what hearing one event costs, here and on the broker. Within a session the broker remembers what was
asked for, and answers only for partitions that have something to say. What we ask for is compared with what it was told,
partition by partition, so that both mean the same at every fetch; whenever an answer does not come, all is said again.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from aiokafka.protocol.fetch import FetchRequest

#: Sessions came with this version of the request (Kafka 1.1); an older broker is asked as ever (KIP-227).
_FIRST_VERSION = 7
#: The epoch of a request that asks for a new session, and the last one before the count begins again at 1 (KIP-227).
_NEW, _LAST = 0, 2**31 - 1

Place = tuple[str, int]
#: The offset to read from, and how many bytes at most.
_Wish = tuple[int, int]


class _Asked(NamedTuple):
    """One fetch: what it is to mean, and what of that need not be said."""

    wanted: Mapping[Place, _Wish]
    request: "SessionFetch"


class SessionFetch(FetchRequest):  # type: ignore[misc]  # aiokafka ships no types
    """A fetch of which aiokafka builds all but the session."""

    def __init__(
        self, whole: Any, session_id: int, epoch: int, changed: Mapping[Place, _Wish], gone: list[Place]
    ) -> None:
        super().__init__(
            whole._max_wait_ms, whole._min_bytes, whole._max_bytes, whole._isolation_level, whole.topics,
            rack_id=whole._rack_id,
        )  # fmt: skip
        self._session_id, self._epoch = session_id, epoch
        self._changed, self._gone = changed, gone

    def build(self, request_struct_class: Any) -> Any:
        """The whole fetch for a broker that knows no sessions; for others what has changed."""
        if request_struct_class.API_VERSION < _FIRST_VERSION:
            return super().build(request_struct_class)
        self._topics = _by_topic(
            [(topic, (number, *wish)) for (topic, number), wish in self._changed.items()]
        )
        built: Any = super().build(request_struct_class)
        built.session_id, built.session_epoch = self._session_id, self._epoch
        built.forgotten_topics_data = _by_topic(self._gone)
        return built


class FetchSession:
    """What one broker remembers of one client's fetches. One fetch at a time."""

    def __init__(self) -> None:
        self._id = 0
        self._epoch = _NEW
        self._told: Mapping[Place, _Wish] = {}

    async def fetch(self, send: Callable[[Any], Awaitable[Any]], whole: Any) -> Any:
        """What the broker answers to `whole`, of which only the news is said; without what was not asked for.

        A broker that has forgotten the session is asked once more, for everything.
        """
        for _ in range(2):
            asked = self._ask(whole)
            answer = None
            try:
                answer = await send(asked.request)
            finally:
                self._note_answer(asked, answer)
            if not _error_of(answer):
                break
        return _only(answer, asked.wanted)

    def _ask(self, whole: Any) -> _Asked:
        wanted = {
            (topic, number): (offset, most)
            for topic, partitions in whole.topics
            for number, offset, most in partitions
        }
        if self._epoch == _NEW:
            return _Asked(wanted, SessionFetch(whole, self._id, _NEW, wanted, []))
        told = self._told
        changed = {place: wish for place, wish in wanted.items() if told.get(place) != wish}
        gone = [place for place in told if place not in wanted]
        return _Asked(wanted, SessionFetch(whole, self._id, self._epoch, changed, gone))

    def _note_answer(self, asked: _Asked, answer: Any) -> None:
        """Go on in the session; begin anew where there was no answer, an error, or no session for us."""
        session_id = getattr(answer, "session_id", 0)
        if not session_id or _error_of(answer):
            # The old one's number stays: whoever asks for a new session with it gives that one back.
            self._epoch = _NEW
            return
        self._epoch = 1 if self._epoch == _LAST else self._epoch + 1
        self._id, self._told = session_id, asked.wanted


def _error_of(answer: Any) -> int:
    """The error of the fetch as a whole; each partition has its own beside it."""
    return int(getattr(answer, "error_code", 0))


def _only(answer: Any, wanted: Mapping[Place, _Wish]) -> Any:
    answer.topics = [
        (topic, [each for each in partitions if (topic, each[0]) in wanted])
        for topic, partitions in answer.topics
    ]
    return answer


def _by_topic(pairs: list[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for topic, value in pairs:
        found.setdefault(topic, []).append(value)
    return list(found.items())
