"""What each role may do on Kafka."""

import handlers.subscribers
import intake.subscribers
import routing.subscribers
import sla.subscribers
from deploy import composition
from deploy.accounts.command_keys import TokenKeys
from deploy.messaging.topics.rights import HEARD, Operation, Resource, rights_of, rights_of_department
from deploy.settings import Settings
from schemas.city import load_city
from schemas.ids import DepartmentCode
from sla.core.calendar import china_calendar


def test_workers_may_read_what_their_slices_hear() -> None:
    """Exactly those topics, and groups whose names they have."""
    settings = Settings.model_validate({"secret_key": "0123456789abcdef" * 2})
    city = load_city()
    found = {
        "intake": intake.subscribers.subscriptions(keys=composition.intake_keys(settings), city=city),
        "routing": routing.subscribers.subscriptions(city=city, rules=composition.routing_rules(settings)),
        "handlers": handlers.subscribers.subscriptions(city=city, command_keys=TokenKeys()),
        "sla": sla.subscribers.subscriptions(
            rules=composition.deadline_rules(settings), calendar=china_calendar()
        ),
    }

    assert HEARD.keys() == found.keys()
    for role, heard in found.items():
        assert set(HEARD[role]) == {short for one in heard for short in one.topics}
        (group,) = [acl for acl in rights_of(role, "p") if acl.resource is Resource.GROUP]
        assert all(f"p.{one.name}".startswith(group.name) for one in heard)
        assert (Operation.READ, True) == (group.operation, group.is_prefix)


def test_nobody_deletes_or_creates() -> None:
    """That is the administrator's."""
    granted = {acl.operation for role in (*HEARD, "web", "relay") for acl in rights_of(role, "p")}

    assert {Operation.READ, Operation.WRITE} == granted


def test_a_department_reads_its_own_topic_alone() -> None:
    """In a group of exactly its name, and sends commands; the relay alone writes to departments."""
    granted = rights_of_department(DepartmentCode("water"), "p")

    assert [
        (Resource.TOPIC, "p.department.water.v1", Operation.READ),
        (Resource.GROUP, "department.water", Operation.READ),
        (Resource.TOPIC, "p.commands.v1", Operation.WRITE),
    ] == [(acl.resource, acl.name, acl.operation) for acl in granted]
    assert not any(acl.is_prefix for acl in granted)
    writers = {
        role: [acl for acl in rights_of(role, "p") if acl.name.startswith("p.department.")]
        for role in (*HEARD, "web", "relay", "sweep")
    }
    (every,) = writers.pop("relay")
    assert (Resource.TOPIC, "p.department.", Operation.WRITE, True) == (
        every.resource, every.name, every.operation, every.is_prefix
    )  # fmt: skip
    assert [] == [acl for granted in writers.values() for acl in granted]
