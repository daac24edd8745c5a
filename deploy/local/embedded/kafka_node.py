"""One broker's place on the disk, what it is told, and its storage."""

import contextlib
import os
import re
import shutil
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.embedded.errors import NOT_KEPT, ServerFailed, StorageApart
from deploy.local.embedded.files import write_whole
from deploy.local.embedded.java import ENVIRONMENT, kafka_command
from deploy.local.embedded.process import run
from schemas.bilingual import Bilingual

SETTINGS = """\
# Written at every start.
process.roles=broker,controller
node.id={node_id}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}{more_listeners}
# Below the folder in which it is started: Java reads this file as Latin-1, and would part a path at its commas.
log.dirs={data}

# Nobody comes in without a password, and nobody does what no ACL allows. Brokers know their own user without asking
# the metadata, so they speak PLAIN among themselves: no controller can know users before there is one.
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT{more_protocols}
inter.broker.listener.name=CLIENTS
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.clients.plain.sasl.jaas.config={broker_login}
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={broker_login}
# Whoever has not given a password yet may announce so much, more than any login holds: a broker reserves it at once. With
# the 512 KiB that are the default, five hundred connections ended it.
sasl.server.max.receive.size=8192
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{broker};User:{administrator}

# Topics are made explicitly, with the names and partitions that schemas/topics.py promises.
auto.create.topics.enable=false
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=6
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=6
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}

# One batch of the largest request that aiokafka makes (1 MiB) and its overhead.
message.max.bytes=1048588
group.initial.rebalance.delay.ms=0
# A broker that was killed comes back only when its former session has run out.
broker.session.timeout.ms={session_ms}
broker.heartbeat.interval.ms=500
# Each of these threads wakes three times a second to see nothing; two cores are not kept busy by more.
num.network.threads=2
listener.name.controller.num.network.threads=1
group.coordinator.threads=1
num.io.threads=4
# While nothing happens the controllers tell each other so, and write it down: twice a second, if nobody says otherwise.
metadata.max.idle.interval.ms=10000
num.recovery.threads.per.data.dir=2
# The default, 128 MiB, is half of this broker's heap; only the offsets topics are compacted.
log.cleaner.dedupe.buffer.size=8388608
log.segment.bytes=134217728
metric.reporters=
{more_settings}"""
#: What Kafka's tool writes into a new node's directory: whose it is, and what the cluster begins with.
_PROPERTIES, _FEATURES = "meta.properties", "bootstrap.checkpoint"
#: What we write into its folder then; and where below that its storage lies.
_FORMATTED, _DATA = "formatted", "data"
#: A sign behind a backslash in Java's files of settings, or its number. Source: java.util.Properties.load.
_QUOTED = re.compile(r"\\(u([0-9A-Fa-f]{4})|.)")
_QUOTES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
BROKER_LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="{user}" password="{password}" user_{user}="{password}";'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraListeners:
    """What the brokers get beside what we need of them: listeners with TLS and passwords, for tests of those."""

    #: Each as in Kafka's own setting: `SASL_SSL://localhost:9093`.
    listeners: tuple[str, ...] = ()
    #: What those listeners speak: `SASL_SSL:SASL_SSL`.
    protocols: tuple[str, ...] = ()
    #: Lines for server.properties.
    settings: str = ""
    #: Options of `kafka-storage format`: users and their passwords.
    format_options: tuple[str, ...] = ()


NOTHING = ExtraListeners()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One broker's place: numbered from 1."""

    number: int
    directory: Path
    port: int
    controller_port: int

    @property
    def settings_file(self) -> Path:
        """What the broker reads at its start."""
        return self.directory / "server.properties"

    @property
    def data(self) -> Path:
        """The directory of the node's own log segments and metadata."""
        return self.directory / _DATA

    @property
    def formatted_file(self) -> Path:
        """There once the node has its storage."""
        return self.directory / _FORMATTED

    @property
    def log_file(self) -> Path:
        """The file that the node's output goes to."""
        return self.directory / "server.log"

    @property
    def output_file(self) -> Path:
        """What the Java runtime itself says."""
        return self.directory / "java.log"


def node_folder(directory: Path, number: int) -> Path:
    """Where that one of the brokers in `directory` has its place."""
    return directory / f"node-{number}"


def made_by_brokers(directory: Path, brokers: int) -> Sequence[Path]:
    """What tells that so many were begun there: of the first, and of each further one that has a place."""
    first, *others = (node_folder(directory, number) for number in range(1, brokers + 1))
    begun = (first, *(each for each in others if each.exists()))
    return [
        made for folder in begun for made in (folder / _FORMATTED, _kept_in(folder / _DATA) / _PROPERTIES)
    ]


def _kept_in(data: Path) -> Path:
    """Where the node's storage lies: there, or still where releases before 29 November 2026 had Java look for that name.

    They wrote the path as UTF-8 for whoever reads Latin-1, parts it at commas and takes a backslash with what follows for
    another sign: it was another path, beside the folder, or several.

    Raises:
        StorageApart: several; which files of them are whose nobody can tell, as others may keep theirs in them.
    """
    if (data / _PROPERTIES).exists() or not (misread := _misread(data)):
        return data
    first, *others = misread
    if others and (data.parent / _FORMATTED).exists():
        raise StorageApart(directory=data, first=first, others=" + ".join(map(str, others)))
    return data if others or not (first / _PROPERTIES).exists() else first


def _misread(data: Path) -> Sequence[Path]:
    """The folders that Java took that path for in a file of settings: those after the first below where `up` was started."""
    line = re.split(r"[\n\r]", os.fsencode(data).decode("latin-1"))[0]
    unquoted = _QUOTED.sub(
        lambda found: chr(int(found[2], 16)) if found[2] else _QUOTES.get(found[1], found[1]), line
    )
    return [Path(part) for part in re.split(r"\s*,\s*", unquoted.strip()) if part]


def bring_home(node: Node) -> None:
    """Move a storage that lies beside the folder into it, and remove the empty folders that it leaves.

    Raises:
        StorageApart: it lies in several.
    """
    if (away := _kept_in(node.data)) != node.data:
        with contextlib.suppress(OSError):
            node.data.rmdir()
        shutil.move(away, node.data)
        with contextlib.suppress(OSError):
            # Whatever is not empty is somebody's, and stays with all that is above it.
            os.removedirs(away.parent)


def new_id() -> str:
    """As Kafka writes the id of a cluster, and of a directory."""
    return urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")


def format_storage(node: Node, cluster_id: str, options: Sequence[str]) -> None:
    """Gives a new node its storage; one that was cut short is formatted again."""
    done = node.formatted_file
    if done.exists():
        return
    arguments = (
        "format",
        "--ignore-formatted",
        f"--cluster-id={cluster_id}",
        "--config",
        str(node.settings_file),
        *options,
    )
    command = (*kafka_command("kafka.tools.StorageTool"), *arguments)
    result = run(command, environment=ENVIRONMENT, directory=node.directory)
    if result.returncode != 0:
        raise ServerFailed(
            server="Kafka",
            problem=Bilingual(
                zh=f"的存储无法初始化（{result.returncode}）",
                en=f"could not be formatted ({result.returncode})",
            ),
            log=NOT_KEPT,
            tail=f":\n{result.stdout[-2000:]}",
        )
    write_whole(done, "")


def format_like(node: Node, first: Node) -> None:
    """Gives a new node the storage of another of its cluster, with ids of its own: the tool would start a Java for each."""
    done = node.formatted_file
    if done.exists():
        return
    node.data.mkdir(exist_ok=True)
    properties = (first.data / _PROPERTIES).read_text(encoding="utf-8")
    for name, own in (("node.id", str(node.number)), ("directory.id", new_id())):
        properties = re.sub(rf"(?m)^{re.escape(name)}=.*$", f"{name}={own}", properties)
    shutil.copyfile(first.data / _FEATURES, node.data / _FEATURES)
    write_whole(node.data / _PROPERTIES, properties)
    write_whole(done, "")
