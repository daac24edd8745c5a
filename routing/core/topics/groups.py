"""Which messages are about one matter at one place: groups that grow as messages come, in bounded memory.

A group is known by the mean of its members' sketches. A new message joins the group that it resembles most, if it
does enough; otherwise it is a group of its own, which others may join. Groups that one message resembles both are one.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.core.topics.sketch import Keys, Loudness, Sketch

#: A group that nobody joined for so long ends: what comes later is another matter. Project choice: a promised
#: answer takes weeks, and neighbours write until it comes.
ENDS_AFTER = timedelta(days=30)
#: How alike (0–1, the cosine) a message must be to the group that it joins: of one, of three, of ten messages and more.
#: What many share is told from chance more surely than what two do. Measured on public messages: docs/measurements.md.
_ALIKE = (0.14, 0.10, 0.06)
_SIZES = (1, 3, 10)
#: Two groups that one message resembles become one: at once where one is so small, otherwise if they are so alike (project
#: choices).
_SMALL, _ALIKE_GROUPS = 3, 0.2
#: Groups that are remembered at once; the one that was quiet for longest makes room. Project choice: 40 MB at most.
MOST_GROUPS = 65_536
#: Runs by which a group is known (project choice: with their loudness half a kilobyte a group).
_RUNS = 64
#: The loudest runs alone tell how long a sketch is: long messages resemble what short ones do (project choice).
_TELLING = 40
#: For each run the groups that had it last. Whatever more groups share says nothing (project choices).
_BUCKETS, _DEEP = 2**19, 8
#: Groups that are compared in full (project choice: of those that share most runs, by the loudness of these).
_COMPARED = 5


#: By size, from none to that from which on it does not change.
_NEEDED = np.interp(np.arange(_SIZES[-1] + 1), _SIZES, _ALIKE)


class GroupedMessage(NamedTuple):
    """One message: its sketch, where it belongs, and when it came."""

    sketch: Sketch
    at: datetime
    #: A district; None: not known, and so no reason to keep it apart.
    region: str | None = None


class Joined(NamedTuple):
    """Where a message went, and which group became part of that one."""

    group: int
    absorbed: int | None = None


class Groups:
    """All groups that messages may still join. Numbers of groups are never used twice; not for two threads at once."""

    def __init__(self, *, next_group: int = 1, most: int = MOST_GROUPS) -> None:
        self._next, self._most = next_group, most
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        self._keys = np.zeros((most, _RUNS), dtype=np.uint32)
        self._loud = np.zeros((most, _RUNS), dtype=np.float32)
        self._length = np.ones(most, dtype=np.float32)
        self._size = np.zeros(most, dtype=np.int32)
        self._last = np.zeros(most, dtype=np.float64)
        self._group = np.zeros(most, dtype=np.int64)
        self._region: list[str | None] = [None] * most
        #: Slots, each one more, since 0 is none: what nobody wrote to takes no memory.
        self._having = np.zeros((_BUCKETS, _DEEP), dtype=np.int32)
        self._turn = np.zeros(_BUCKETS, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._slots)

    def size_of(self, group: int) -> int:
        """How many messages it is known to have; none of one that had to make room."""
        return int(self._size[self._slots[group]]) if group in self._slots else 0

    def join(self, said: GroupedMessage) -> Joined:
        """Let the message join the group that it resembles, or begin one."""
        found = self._resembling(said)
        if not found:
            return Joined(self._begin(said))
        into, *others = found
        absorbed = next((self._absorb(into, other) for other in others if self._is_one(into, other)), None)
        self._add(into, said)
        return Joined(int(self._group[into]), absorbed)

    def join_known(self, said: GroupedMessage, group: int) -> None:
        """Let the message be where it was found to belong before a restart."""
        if group in self._slots:
            self._add(self._slots[group], said)
        else:
            self._begin(said, group)

    def _resembling(self, said: GroupedMessage) -> list[int]:
        """The slots of the groups that are alike enough, the larger first; two at most."""
        keys, loud = said.sketch
        if not len(keys):
            return []
        having = self._having[keys % _BUCKETS] - 1
        known = having >= 0
        slots, place = np.unique(having[known], return_inverse=True)
        if not len(slots):
            return []
        shared = np.bincount(place, weights=np.repeat(loud**2, known.sum(axis=1)))
        nearest = slots[np.argsort(-shared)[:_COMPARED]]
        nearest = nearest[self._is_open(nearest, said)]
        alike = self._compare(nearest, keys, loud)
        order = np.argsort(-alike, kind="stable")[:2]
        found = nearest[order[alike[order] >= _NEEDED[self._size[nearest[order]].clip(max=_SIZES[-1])]]]
        return sorted(found.tolist(), key=lambda slot: -int(self._size[slot]))

    def _is_open(self, slots: NDArray[np.int32], said: GroupedMessage) -> NDArray[np.bool_]:
        fresh = said.at.timestamp() - self._last[slots] <= ENDS_AFTER.total_seconds()
        near = [said.region is None or self._region[slot] in (None, said.region) for slot in slots.tolist()]
        open_: NDArray[np.bool_] = fresh & np.array(near, dtype=bool) & (self._size[slots] > 0)
        return open_

    def _compare(self, slots: NDArray[np.int32], keys: Keys, loud: Loudness) -> NDArray[np.float32]:
        """The cosine of the message with each group."""
        order = np.argsort(keys)
        theirs = self._keys[slots]
        at = np.searchsorted(keys[order], theirs).clip(max=len(keys) - 1)
        same = keys[order][at] == theirs
        dot = (self._loud[slots] * loud[order][at] * same).sum(axis=1)
        cosine: NDArray[np.float32] = dot / (self._length[slots] * _length(loud))
        return cosine

    def _begin(self, said: GroupedMessage, group: int | None = None) -> int:
        number = self._next if group is None else group
        self._next = max(self._next, number + 1)
        slot = self._room()
        self._slots[number] = slot
        self._group[slot], self._size[slot], self._region[slot] = number, 1, said.region
        self._last[slot] = said.at.timestamp()
        self._know(slot, *said.sketch)
        return number

    def _room(self) -> int:
        """A free slot; where there is none, that of the group that was quiet for longest."""
        if self._free:
            return self._free.pop()
        if len(self._slots) < self._most:
            return len(self._slots)
        slot = int(self._last.argmin())
        del self._slots[int(self._group[slot])]
        return slot

    def _add(self, slot: int, said: GroupedMessage) -> None:
        size = int(self._size[slot])
        self._merge(slot, said.sketch, size, 1)
        self._last[slot] = max(self._last[slot], said.at.timestamp())
        self._region[slot] = self._region[slot] or said.region

    def _is_one(self, slot: int, other: int) -> bool:
        """Whether two groups that one message resembles are one."""
        mine, theirs = self._region[slot], self._region[other]
        if mine is not None and theirs is not None and mine != theirs:
            return False
        if self._size[other] <= _SMALL:
            return True
        has = self._loud[other] > 0
        alike = self._compare(np.array([slot]), self._keys[other][has], self._loud[other][has])
        return bool(alike[0] >= _ALIKE_GROUPS)

    def _absorb(self, slot: int, other: int) -> int:
        """Make two groups one; the number of the one that is no more."""
        gone = int(self._group[other])
        theirs = Sketch(self._keys[other], self._loud[other])
        self._merge(slot, theirs, int(self._size[slot]), int(self._size[other]))
        self._last[slot] = max(self._last[slot], self._last[other])
        self._region[slot] = self._region[slot] or self._region[other]
        del self._slots[gone]
        self._size[other] = 0
        self._free.append(other)
        return gone

    def _merge(self, slot: int, sketch: Sketch, mine: int, theirs: int) -> None:
        keys = np.concatenate([self._keys[slot], sketch.keys])
        loud = np.concatenate([self._loud[slot] * mine, sketch.loud * theirs]) / (mine + theirs)
        both, place = np.unique(keys, return_inverse=True)
        summed = np.bincount(place, weights=loud).astype(np.float32)
        order = np.argsort(-summed, kind="stable")
        self._size[slot] = mine + theirs
        self._know(slot, both[order], summed[order])

    def _know(self, slot: int, keys: Keys, loud: Loudness) -> None:
        count = min(len(keys), _RUNS)
        self._keys[slot, :count], self._keys[slot, count:] = keys[:count], 0
        self._loud[slot, :count], self._loud[slot, count:] = loud[:count], 0
        self._length[slot] = _length(loud)
        self._point(slot, keys[:count])

    def _point(self, slot: int, keys: Keys) -> None:
        """Let each of its runs find it; of those that find it already, once."""
        buckets = keys % _BUCKETS
        if self._size[slot] > 1:
            buckets = buckets[(self._having[buckets] != slot + 1).all(axis=1)]
        self._having[buckets, self._turn[buckets] % _DEEP] = slot + 1
        self._turn[buckets] += 1


def _length(loud: Loudness) -> float:
    return float(np.sqrt((loud[:_TELLING] ** 2).sum())) or 1.0
