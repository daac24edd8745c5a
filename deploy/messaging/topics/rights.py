"""Who may do what on Kafka: an ACL for everything that a process of ours does, and none more.

`huiyin up` makes one user for each role; elsewhere an operator does, from the table in docs/many-machines.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from schemas import topics
from schemas.ids import DepartmentCode


class Resource(IntEnum):
    """What an ACL is about. Source: org.apache.kafka.common.resource.ResourceType."""

    #: A topic.
    TOPIC = 2
    #: A consumer group.
    GROUP = 3


class Operation(IntEnum):
    """What an ACL allows. Source: org.apache.kafka.common.acl.AclOperation."""

    #: To consume, or to be a group's member.
    READ = 3
    #: To produce.
    WRITE = 4
    #: To make it.
    CREATE = 5
    #: To delete its records.
    DELETE = 6
    #: To see that it is there.
    DESCRIBE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """One user may do one thing with what is named so, or begins so."""

    resource: Resource
    name: str
    operation: Operation
    is_prefix: bool = False


#: What each slice's worker hears; a test compares it with the slices' subscriptions.
HEARD: Mapping[str, Sequence[str]] = {
    "intake": (topics.SUBMISSIONS, topics.ROUTING, topics.HANDLERS, topics.SLA, topics.KNOWLEDGE),
    "routing": (topics.INTAKE, topics.HANDLERS, topics.SLA),
    "handlers": (topics.ROUTING, topics.INTAKE, topics.SLA, topics.COMMANDS),
    "sla": (topics.INTAKE, topics.ROUTING, topics.HANDLERS),
}
#: What the relay sends, beside the departments' own topics.
SENT = (topics.INTAKE, topics.ROUTING, topics.HANDLERS, topics.SLA, topics.KNOWLEDGE)
#: Every role that speaks to Kafka, by the name of its process in `huiyin up`.
ROLES = ("web", *HEARD, "relay", "sweep")


def rights_of(role: str, prefix: str) -> Sequence[Acl]:
    """What the process of that role needs. Describe comes with Read and with Write."""
    if role in HEARD:
        return (*_reading(role, prefix), _acl(topics.DEAD_LETTERS, prefix, Operation.WRITE))
    if role == "web":
        return (_acl(topics.SUBMISSIONS, prefix, Operation.WRITE),)
    if role == "sweep":
        # It looks first which anchors are there.
        return tuple(_acl(topics.AUDIT, prefix, operation) for operation in (Operation.READ, Operation.WRITE))
    departments = Acl(
        resource=Resource.TOPIC, name=f"{prefix}.department.", operation=Operation.WRITE, is_prefix=True
    )
    return (*(_acl(short, prefix, Operation.WRITE) for short in SENT), departments)


def _reading(role: str, prefix: str) -> Iterator[Acl]:
    for short in HEARD[role]:
        yield _acl(short, prefix, Operation.READ)
    # Groups are called `huiyin.SLICE` and `huiyin.SLICE.…`.
    yield Acl(resource=Resource.GROUP, name=f"{prefix}.{role}", operation=Operation.READ, is_prefix=True)


def rights_of_department(code: DepartmentCode, prefix: str) -> Sequence[Acl]:
    """What a department's own system needs: its topic, a group of its own, and to send commands."""
    group = Acl(resource=Resource.GROUP, name=f"department.{code}", operation=Operation.READ)
    return (
        _acl(topics.department_topic(code), prefix, Operation.READ),
        group,
        _acl(topics.COMMANDS, prefix, Operation.WRITE),
    )


def _acl(short: str, prefix: str, operation: Operation) -> Acl:
    return Acl(resource=Resource.TOPIC, name=topics.topic_name(short, prefix), operation=operation)
