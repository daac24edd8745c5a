"""Events are believed because they are signed: to write on a topic is not to be one of our slices.

The signature is an HMAC-SHA-256, under a key derived from the master secret, over topic, id, type, key and body: none of
them can be changed, and nothing that was said on one topic can be said on another. Departments' commands, which come from
outside, have signatures of their own (`handlers/core/commands.py`).
"""

import hashlib
import hmac
from binascii import hexlify
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.messaging.records.envelope import Headers, HeaderValues
from deploy.settings import Settings
from schemas.hmac_sha256 import HmacSha256

#: Header: which key signed it.
KEY_ID = "hy_key"
#: Header: the signature, in hexadecimal digits.
SIGNATURE = "hy_signature"

#: Topic and partition → the first offset from which every record must be signed.
FirstSigned = Mapping[tuple[str, int], int]


class EventKeys:
    """The key that signs, and those that signed before."""

    def __init__(self, current: bytes, previous: Sequence[bytes] = ()) -> None:
        self._keys = {_id_of(key): HmacSha256(key) for key in (*previous, current)}
        self._key_id = _id_of(current)
        self._current = self._keys[self._key_id]

    def signed(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Headers:
        """`headers` of a record, and its signature."""
        said = dict(headers)
        signature = _signature(self._current, topic, said, key, value)
        return [*headers, (KEY_ID, self._key_id), (SIGNATURE, signature)]

    def have_signed(self, record: Any, said: HeaderValues | None = None) -> bool:
        """Whether one of the keys signed exactly this record, for this topic. `said`: its headers, where they are known."""
        said = dict(record.headers) if said is None else said
        key, signature = self._keys.get(said.get(KEY_ID) or b""), said.get(SIGNATURE)
        if key is None or signature is None:
            return False
        return hmac.compare_digest(_signature(key, record.topic, said, record.key, record.value), signature)


def _signature(
    keyed: HmacSha256, topic: str, said: HeaderValues, key: bytes | None, value: bytes | None
) -> bytes:
    # The lengths keep a part of one field from being read as a part of the next.
    id_, type_, key = said.get("ce_id") or b"", said.get("ce_type") or b"", key or b""
    lengths = b"%d %d %d %d " % (len(topic), len(id_), len(type_), len(key))
    said_so = b"".join((lengths, topic.encode(), id_, type_, key, value or b""))
    return hexlify(keyed.digest(said_so))


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"huiyin/key id/" + key).hexdigest()[:12].encode()


def event_keys(settings: Settings) -> EventKeys:
    """The keys of these settings.

    Raises:
        ValueError: there is no master secret, or one that is too short.
    """
    return EventKeys(settings.derived("events"), settings.previously_derived("events"))


class Genuine:
    """Tells our own slices' records from everybody else's."""

    def __init__(self, keys: EventKeys, first_signed: FirstSigned) -> None:
        self._keys = keys
        self._first_signed = first_signed

    def __call__(self, record: Any, said: HeaderValues | None = None) -> bool:
        """Whether one of our slices wrote the record: one of the keys signed it, or it was there before any release signed.

        `said`: its headers, where they are known.
        """
        if self._keys.have_signed(record, said):
            return True
        is_older = record.offset < self._first_signed.get((record.topic, record.partition), 0)
        return is_older and all(name != SIGNATURE for name, _ in record.headers)
