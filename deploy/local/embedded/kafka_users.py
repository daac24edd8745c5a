"""The brokers' users: their passwords, kept in one file, and what each may do.

Passwords are checked by SCRAM, which shows them to nobody who took a broker's port. The brokers' metadata keeps users
and ACLs, so they are told once, after a start: a directory of an earlier release, which had none, gets them, too.
"""

import contextlib
import hashlib
import json
import secrets
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.local.embedded.files import write_whole
from deploy.local.embedded.kafka_connection import CompactReader, KafkaConnection, Login, compact, varint
from deploy.local.embedded.ports import is_ours
from deploy.messaging.topics.rights import Acl

#: May do everything; the brokers among themselves, and whoever administers them.
BROKER: Final = "broker"
ADMINISTRATOR: Final = "administrator"

#: Number and version of these requests (Kafka's protocol guide).
_ALTER_SCRAM_USERS: Final = (51, 0)
_CREATE_ACLS: Final = (30, 3)
#: How Kafka numbers SCRAM-SHA-512 (KIP-554).
_SCRAM_SHA_512: Final = 2
#: The least that Kafka takes; the passwords are random, so that no number of rounds is needed (KIP-84).
_ROUNDS: Final = 4096
#: How Kafka numbers kinds of patterns and permissions (Kafka's protocol guide: CreateAcls).
_LITERAL, _PREFIXED, _ALLOW = 3, 4, 3


class UsersRefused(ConnectionError):
    """The brokers did not take a user or an ACL."""


def kept_passwords(file: Path, users: Iterable[str]) -> Mapping[str, str]:
    """Each user's password, made when there is none: readable by the owner alone, and kept for good."""
    known: dict[str, str] = {}
    with contextlib.suppress(FileNotFoundError):
        known = json.loads(file.read_text(encoding="utf-8"))
    missing = {user: secrets.token_urlsafe(24) for user in users if user not in known}
    if missing:
        known |= missing
        write_whole(file, json.dumps(known, indent=2) + "\n")
    return known


def stamp_of(passwords: Mapping[str, str], rights: Mapping[str, Sequence[Acl]]) -> str:
    """A hash of users, passwords and rights: another one means that `tell_users` has something to tell."""
    told = [(user, passwords[user], [repr(acl) for acl in rights[user]]) for user in sorted(rights)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def tell_users(port: int, login: Login, passwords: Mapping[str, str]) -> None:
    """Have the brokers know these users and their passwords; harmless when they do.

    Raises:
        UsersRefused: they would not.
        OSError: the broker is away, or the port is somebody else's.
    """
    with _connected(port, login) as broker:
        _check_users(broker.ask(*_ALTER_SCRAM_USERS, _users(passwords)))


def tell_rights(port: int, login: Login, rights: Mapping[str, Sequence[Acl]]) -> None:
    """Let each user do these things, beside what it may do already.

    Raises:
        UsersRefused: the brokers would not.
        OSError: the broker is away, or the port is somebody else's.
    """
    if acls := [(user, acl) for user, granted in rights.items() for acl in granted]:
        with _connected(port, login) as broker:
            _check_acls(broker.ask(*_CREATE_ACLS, _acls(acls)))


def _connected(port: int, login: Login) -> KafkaConnection:
    if not is_ours(port):
        raise UsersRefused(f"port {port} belongs to somebody else")
    return KafkaConnection(port, login)


def _users(users: Mapping[str, str]) -> bytes:
    upserts = [_user(user, password) for user, password in users.items()]
    return varint(1) + varint(len(upserts) + 1) + b"".join(upserts) + b"\0"


def _user(user: str, password: str) -> bytes:
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    head = compact(user.encode()) + struct.pack(">bi", _SCRAM_SHA_512, _ROUNDS)
    return head + compact(salt) + compact(salted) + b"\0"


def _acls(acls: Sequence[tuple[str, Acl]]) -> bytes:
    return varint(len(acls) + 1) + b"".join(_acl(user, acl) for user, acl in acls) + b"\0"


def _acl(user: str, acl: Acl) -> bytes:
    pattern = _PREFIXED if acl.is_prefix else _LITERAL
    return (
        struct.pack(">b", acl.resource)
        + compact(acl.name.encode())
        + struct.pack(">b", pattern)
        + compact(f"User:{user}".encode())
        + compact(b"*")
        + struct.pack(">bb", acl.operation, _ALLOW)
        + b"\0"
    )


def _check_users(answer: CompactReader) -> None:
    answer.int32()  # throttle time
    for _ in range(answer.varint() - 1):
        answer.string()  # user
        _check(answer.int16(), answer.string())
        answer.tags()


def _check_acls(answer: CompactReader) -> None:
    answer.int32()  # throttle time
    for _ in range(answer.varint() - 1):
        _check(answer.int16(), answer.string())
        answer.tags()


def _check(code: int, message: str) -> None:
    if code != 0:
        raise UsersRefused(f"the brokers answer {code}: {message}")
