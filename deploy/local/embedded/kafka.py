"""Apache Kafka of our own: one broker, or several for tests of what happens when one dies (KRaft)."""

import contextlib
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from deploy.local.embedded.errors import ServerFailed
from deploy.local.embedded.files import (
    DirectoryLock,
    check_made,
    set_aside_if_large,
    tail_of,
    write_whole,
)
from deploy.local.embedded.java import ENVIRONMENT, kafka_command
from deploy.local.embedded.kafka_connection import Login
from deploy.local.embedded.kafka_node import (
    BROKER_LOGIN,
    NOTHING,
    SETTINGS,
    ExtraListeners,
    Node,
    bring_home,
    format_like,
    format_storage,
    new_id,
    node_folder,
)
from deploy.local.embedded.kafka_probe import known_brokers
from deploy.local.embedded.kafka_users import (
    ADMINISTRATOR,
    BROKER,
    kept_passwords,
    stamp_of,
    tell_rights,
    tell_users,
)
from deploy.local.embedded.ports import HOST, is_free, ports_for
from deploy.local.embedded.process import Child, all_processes, require_linux, spawn, wait_until
from deploy.messaging.topics.rights import Acl
from deploy.settings import Settings
from schemas.bilingual import Bilingual

#: A first start on a busy machine took 40 s (project choice: three times that).
START_TIMEOUT_SECONDS = 120
_START_ATTEMPTS = 3
_LOG_SETTINGS = Path(__file__).with_name("log4j2.xml")
#: A broker writes what it has on SIGTERM; killed, it checks its logs at the next start (project choice: it takes seconds).
_SHUTDOWN_SECONDS = 30.0


class EmbeddedKafka:
    """Kafka brokers that live in `directory` and die with this process; `brokers` of them, numbered from 1.

    They let in the users of `rights`, each with its own password and its ACLs, and an administrator.
    With three, every topic has three copies and a write needs two, so that any one broker may die.
    `start` and `stop` may be called from any thread, one at a time.
    """

    def __init__(
        self,
        directory: Path,
        brokers: int = 1,
        *,
        rights: Mapping[str, Sequence[Acl]] = MappingProxyType({}),
        java_options: tuple[str, ...] = (),
        additions: ExtraListeners = NOTHING,
    ) -> None:
        self.directory = directory.absolute()
        self.brokers = brokers
        self._rights: Mapping[str, Sequence[Acl]] = {ADMINISTRATOR: (), **rights}
        self._passwords: Mapping[str, str] = {}
        self._java_options = java_options
        self._additions = additions
        self._lock = DirectoryLock(self.directory)
        self._nodes: tuple[Node, ...] = ()
        self._children: dict[int, Child] = {}

    @property
    def bootstrap_servers(self) -> str:
        """`127.0.0.1:PORT` of each broker, comma-separated; the same at each start while they are free."""
        if not self._nodes:
            raise RuntimeError("Kafka was not started")
        return ",".join(f"{HOST}:{node.port}" for node in self._nodes)

    def login(self, user: str = ADMINISTRATOR) -> dict[str, str]:
        """What a process of ours is told, in its environment, to come in as that user."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": self._passwords[user],
        }

    def settings(self, user: str = ADMINISTRATOR) -> Settings:
        """Settings with which our clients come in as that user."""
        return Settings.model_validate({name.lower(): text for name, text in self.login(user).items()})

    def client_settings(self) -> dict[str, Any]:
        """The administrator's settings for Kafka alone, as fields of `Settings`."""
        settings = self.settings(ADMINISTRATOR)
        return {name.lower(): getattr(settings, name.lower()) for name in self.login(ADMINISTRATOR)}

    @property
    def log_files(self) -> tuple[Path, ...]:
        """What Java writes to without rotating it; the brokers' own logs rotate by themselves."""
        return tuple(node.output_file for node in self._nodes)

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes of the brokers that run."""
        return tuple(child.pid for child in self._children.values() if child.is_alive())

    def is_alive(self) -> bool:
        """Whether every broker's process runs."""
        return len(self.pids) == self.brokers

    def silent(self) -> tuple[int, ...]:
        """The processes of brokers that run and answer nothing."""
        running = [(node, child) for node in self._nodes if (child := self._children.get(node.number))]
        return tuple(
            child.pid
            for node, child in running
            if child.is_alive() and not known_brokers(node.port, self._broker_login)
        )

    def check(self) -> None:
        """Nothing, while what it was started on is there.

        Raises:
            DataGone: it is not: started again, it would be another Kafka, and empty.
        """
        self._lock.check()
        check_made(*(node.formatted_file for node in self._nodes))

    def start(self) -> None:
        """Formats the storage on first use, starts every broker that does not run, returns when all serve.

        Raises:
            DataGone: it ran before, and what it wrote is gone.
            DirectoryInUse: another process runs brokers there.
            ServerFailed: one did not start; the message ends with its log.
            JarsUnusable, JavaMissing: set-up was not run.
        """
        if self.is_alive():
            return
        require_linux()
        self.check()
        self._lock.acquire()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        for attempt in range(1, _START_ATTEMPTS + 1):
            if not self.pids:  # those that run keep their ports
                self._place_nodes()
            try:
                self._start_missing()
                self._tell_users()
                return
            except ServerFailed:
                if attempt == _START_ATTEMPTS or self.pids or self._ports_are_free():
                    raise

    def _place_nodes(self) -> None:
        self._end_leftovers()
        self._passwords = kept_passwords(self._passwords_file, (BROKER, *self._rights))
        ports = ports_for(self.directory / "ports", 2 * self.brokers)
        nodes = tuple(
            Node(
                number=number,
                directory=node_folder(self.directory, number),
                port=ports[2 * number - 2],
                controller_port=ports[2 * number - 1],
            )
            for number in range(1, self.brokers + 1)
        )
        for node in nodes:
            bring_home(node)
            self._write_settings(node, nodes)
        first, *others = nodes
        format_storage(first, self._cluster_id(), self._additions.format_options)
        for node in others:
            format_like(node, first)
        self._nodes = nodes

    def _start_missing(self) -> None:
        missing = [node for node in self._nodes if not self._is_node_alive(node)]
        for node in missing:
            self._spawn(node)
        self._wait_until_in_service(missing, frozenset(node.number for node in self._nodes))

    def allow(self, user: str, acls: Sequence[Acl]) -> None:
        """Let that user do these things, too: what an operator does for a department's system.

        Raises:
            OSError: the brokers are away, or refuse.
        """
        tell_rights(self._nodes[0].port, self._broker_login, {user: acls})

    def add_user(self, user: str, acls: Sequence[Acl]) -> None:
        """A user of its own for somebody else, with a password that `login` knows.

        Raises:
            OSError: the brokers are away, or refuse.
        """
        self._passwords = kept_passwords(self._passwords_file, (user,))
        tell_users(self._nodes[0].port, self._broker_login, {user: self._passwords[user]})
        self.allow(user, acls)

    @property
    def _passwords_file(self) -> Path:
        return self.directory / "passwords.json"

    def _tell_users(self) -> None:
        """Once, and again when there are other users or rights than before."""
        file, stamp = self.directory / "users", stamp_of(self._passwords, self._rights)
        if file.exists() and file.read_text(encoding="ascii") == stamp:
            return
        try:
            port, login = self._nodes[0].port, self._broker_login
            tell_users(port, login, {user: self._passwords[user] for user in self._rights})
            tell_rights(port, login, self._rights)
        except OSError as error:
            raise self._failure(
                self._nodes[0],
                Bilingual(zh=f"未能建立用户（{error}）", en=f"did not take its users ({error})"),
            ) from error
        write_whole(file, stamp)

    @property
    def _broker_login(self) -> Login:
        return Login(user=BROKER, password=self._passwords[BROKER])

    def _ports_are_free(self) -> bool:
        return all(is_free(port) for node in self._nodes for port in (node.port, node.controller_port))

    def start_broker(self, number: int) -> None:
        """Starts one broker and returns when it is in service again."""
        node = self._node(number)
        if not self._is_node_alive(node):
            self._spawn(node)
            self._wait_until_in_service([node], frozenset({number}))

    def kill_broker(self, number: int) -> None:
        """Ends one broker as a crash would."""
        child = self._children.pop(self._node(number).number, None)
        if child is not None:
            child.end(((signal.SIGKILL, 5),))

    def stop(self, timeout_seconds: float = 60) -> None:
        """Stops every broker cleanly and returns when they have ended; harmless when none runs."""
        children = tuple(self._children.values())
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            child.end(((signal.SIGTERM, timeout_seconds),))
        self._children.clear()
        self._lock.release()

    def __enter__(self) -> "EmbeddedKafka":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _node(self, number: int) -> Node:
        return self._nodes[number - 1]

    def _is_node_alive(self, node: Node) -> bool:
        child = self._children.get(node.number)
        return child is not None and child.is_alive()

    def _write_settings(self, node: Node, nodes: Sequence[Node]) -> None:
        node.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        replicas = min(3, self.brokers)
        text = SETTINGS.format(
            node_id=node.number,
            port=node.port,
            controller_port=node.controller_port,
            voters=",".join(f"{other.number}@{HOST}:{other.controller_port}" for other in nodes),
            data=node.data.name,
            replicas=replicas,
            in_sync=max(1, replicas - 1),
            session_ms=4000 if self.brokers == 1 else 6000,
            more_listeners="".join(f",{listener}" for listener in self._additions.listeners),
            more_protocols="".join(f",{protocol}" for protocol in self._additions.protocols),
            broker=BROKER,
            administrator=ADMINISTRATOR,
            broker_login=BROKER_LOGIN.format(user=BROKER, password=self._passwords[BROKER]),
            more_settings=self._additions.settings,
        )
        write_whole(node.settings_file, text)

    def _cluster_id(self) -> str:
        file = self.directory / "cluster-id"
        with contextlib.suppress(FileNotFoundError):
            return file.read_text(encoding="ascii").strip()
        cluster_id = new_id()
        write_whole(file, cluster_id + "\n")
        return cluster_id

    def _spawn(self, node: Node) -> None:
        set_aside_if_large(node.output_file)
        java, *options = kafka_command("kafka.Kafka")
        ours = (f"-Dhuiyin.logs={node.directory}", f"-Dlog4j2.configurationFile={_LOG_SETTINGS}")
        self._children[node.number] = spawn(
            (java, *ours, *self._java_options, *options, str(node.settings_file)),
            death_signal=signal.SIGTERM,
            log_file=node.output_file,
            environment=ENVIRONMENT,
            directory=node.directory,
        )

    def _wait_until_in_service(self, nodes: Sequence[Node], brokers: frozenset[int]) -> None:
        """Waits until each of the nodes sees all of the brokers; one that ended ends the wait."""

        def is_decided() -> bool:
            return not all(self._is_node_alive(node) for node in nodes) or all(
                brokers <= known_brokers(node.port, self._broker_login) for node in nodes
            )

        is_in_time = wait_until(is_decided, START_TIMEOUT_SECONDS)
        for node in nodes:
            if not self._is_node_alive(node):
                status = self._children[node.number].exit_status
                raise self._failure(node, Bilingual(zh=f"以 {status} 退出", en=f"ended with {status}"))
        if not is_in_time:
            seconds = START_TIMEOUT_SECONDS
            raise self._failure(
                nodes[0],
                Bilingual(zh=f"{seconds} 秒后仍未提供服务", en=f"was not in service after {seconds} seconds"),
            )

    def _failure(self, node: Node, problem: Bilingual) -> ServerFailed:
        tail = "\n".join(part for part in (tail_of(node.output_file), tail_of(node.log_file)) if part)
        return ServerFailed(
            server=Bilingual(zh=f"Kafka 节点 {node.number}", en=f"Kafka broker {node.number}"),
            problem=problem,
            log=node.log_file,
            tail=f":\n{tail}",
        )

    def _end_leftovers(self) -> None:
        """Waits for an earlier start's brokers to end: those of a killed parent have their signal already."""
        ours = f"-Dhuiyin.logs={self.directory}/".encode()
        for process, command in tuple(all_processes()):
            if ours in command:
                process.end(((signal.SIGTERM, _SHUTDOWN_SECONDS), (signal.SIGKILL, 5)))
