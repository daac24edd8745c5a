"""Messages as they come, each to the group that it belongs to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from routing.core.topics.groups import GroupedMessage, Groups, Joined
from routing.core.topics.sketch import Rarity, SketchedText, sketches

#: Messages whose runs are counted together (project choice: what is rare should be told as of the message before).
_COUNTED_AT_ONCE = 100


class TopicMessage(NamedTuple):
    """One message, in Simplified characters; `title` with the address that it names."""

    title: str
    text: str
    at: datetime
    #: The district; None: not known.
    region: str | None = None
    #: Where it was found to belong before a restart.
    group: int | None = None


class TopicStream:
    """All groups that there are, and how rare what they say is. Not for two threads at once."""

    def __init__(self, *, next_group: int = 1) -> None:
        self.groups = Groups(next_group=next_group)
        self._rarity = Rarity()

    def join(self, messages: Sequence[TopicMessage]) -> list[Joined]:
        """Where each of these belongs, one after the other; the same groups may be joined by later ones."""
        joined: list[Joined] = []
        for begin in range(0, len(messages), _COUNTED_AT_ONCE):
            joined += self._join_some(messages[begin : begin + _COUNTED_AT_ONCE])
        return joined

    def _join_some(self, messages: Sequence[TopicMessage]) -> list[Joined]:
        found = sketches(self._rarity, [SketchedText(message.title, message.text) for message in messages])
        return [
            self._join(message, GroupedMessage(sketch, message.at, message.region))
            for message, sketch in zip(messages, found, strict=True)
        ]

    def _join(self, message: TopicMessage, said: GroupedMessage) -> Joined:
        if message.group is None:
            return self.groups.join(said)
        self.groups.join_known(said, message.group)
        return Joined(message.group)


def absorbed_in(joined: Sequence[Joined]) -> dict[int, int]:
    """By group that is no more, the one that it is part of now."""
    into = {one.absorbed: one.group for one in joined if one.absorbed is not None}
    return {gone: root_of(into, gone) for gone in into}


def root_of(into: Mapping[int, int], group: int) -> int:
    """The group that this one is part of in the end."""
    while group in into:
        group = into[group]
    return group
