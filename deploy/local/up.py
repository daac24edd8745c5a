"""`huiyin up`: everything on this machine with one command, and `huiyin down`."""

import json
import secrets
import shlex
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy import composition
from deploy.local.closed import ensure_open
from deploy.local.embedded.files import DirectoryLock, write_whole
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.embedded.process import require_linux
from deploy.local.existing import check_existing
from deploy.local.partitions import kept_partitions
from deploy.local.prepare_once import huiyin, prepare_once
from deploy.local.running import DEMO_APP, KEY_FILE, keep_servers, without_password
from deploy.local.supervisor import (
    EventKind,
    ForkServer,
    ProcessSpec,
    Server,
    State,
    Supervisor,
    SupervisorEvent,
    announce,
    bring_down,
    start_detached,
    start_together,
)
from deploy.local.supervisor.state import ProcessStatus
from deploy.local.terminal import say, say_places
from deploy.local.unready import unready
from deploy.messaging.topics.rights import HEARD, ROLES, rights_of
from deploy.observability.disk import disks_of, free_bytes
from deploy.processes.lives import name_of, parts_of
from deploy.settings import Settings, callers_language
from schemas.bilingual import Bilingual, plain
from schemas.errors import HuiyinError

_EMBEDDED = ("postgres", "kafka")
#: The parts of the one process behind the web, which is named after them.
_TOGETHER = tuple(role for role in ROLES if role != "web")


class PortTaken(HuiyinError):
    """Something else listens where the web should."""

    en = "port {port} is taken. Choose another: huiyin up --port N"
    zh = "端口 {port} 已被占用，请换一个：huiyin up --port N"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What `up` was asked for."""

    data: Path
    port: int | None
    demo: bool
    brokers: int
    #: A city was begun there before: begin none.
    existing: bool = False

    def argv(self) -> tuple[str, ...]:
        """The command that starts the same in the foreground."""
        words = ["up", "--data", str(self.data.absolute()), "--brokers", str(self.brokers)]
        words += ["--port", str(self.port)] if self.port else []
        words += ["--demo"] if self.demo else []
        words += ["--existing"] if self.existing else []
        return (*huiyin(), *words)


def up(options: UpOptions, *, detach: bool) -> State | None:
    """Start everything; returns when it was stopped, or how it stands once it goes on in the background.

    Raises:
        HuiyinError: it cannot, with the remedy; on another system than Linux before anything was made.
    """
    require_linux()
    _check_city(Settings())
    data = options.data.absolute()
    if options.existing:
        check_existing(data, _own_servers(Settings()), options.brokers)
    _make_writable(data)
    ensure_open(data)
    _ensure_room(data)
    if detach:
        state = start_detached(options.argv(), data / "state.json", data / "logs" / "up.log")
        say("已在后台运行", "running in the background")
        for process in state.processes:
            if process.state is ProcessStatus.FAILED:
                name, why = process.name, process.last_error
                say(f"运行不全：{name} 反复失败：{why.zh}", f"degraded: {name} keeps dying: {why.en}")
        if state.why.en:
            say(f"尚未就绪：{state.why.zh}", f"waiting for {state.why.en}")
        typed = shlex.quote(str(options.data))
        stop = callers_language().choose(
            f"停止：huiyin down --data {typed}  数据全部保留。",
            f"Stop it with: huiyin down --data {typed}  All data stays.",
        )
        say_places(state.facts["url"], data, demo=options.demo, end=stop)
        return state
    with DirectoryLock(data) as lock:
        _run(options, data, lock)
    return None


def _check_city(settings: Settings) -> None:
    """Before anything is made: no process starts with a city that cannot be read, or words that do not fit it.

    Our own words fit our own city; reading them would take half a second and 28 MB.
    """
    composition.city_of(settings)
    if settings.city_directory or settings.routing_directory:
        composition.routing_rules(settings)


class DataUnwritable(HuiyinError):
    """Nothing can be kept in the data directory."""

    en = "cannot write in {data}: {reason}. Choose another with --data, or make room or rights there"
    zh = "无法写入 {data}：{reason}。请用 --data 指定其他目录，或检查权限与磁盘空间"


def _make_writable(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data) as file:
            file.write(b"\0")
    except OSError as error:
        raise DataUnwritable(data=data, reason=error.strerror or type(error).__name__) from error


class NoRoom(HuiyinError):
    """So little room is left that no message would be taken."""

    en = "only {free} MiB are free in {data}, and no message is taken below {needed} (DISK_RESERVE_BYTES). Make room there"
    zh = "{data} 只剩 {free} MiB，低于 {needed} MiB（DISK_RESERVE_BYTES）时不再接收来件。请先腾出空间"


def _ensure_room(data: Path) -> None:
    """Where our own servers lie or will be made, each of which may have a disk of its own, or several."""
    settings = Settings()
    needed = settings.disk_reserve_bytes
    for place in (disk for server in _own_servers(settings) for disk in disks_of(data / server)):
        if (free := free_bytes(place)) < needed:
            raise NoRoom(data=place, free=free >> 20, needed=needed >> 20)


def _own_servers(settings: Settings) -> Sequence[str]:
    """Those that we start ourselves, by their folders' names."""
    theirs = {"postgres": settings.database_url, "kafka": settings.kafka_bootstrap_servers}
    return [name for name in _EMBEDDED if not theirs[name]]


def down(data: Path) -> None:
    """Stop whatever `up --detach` started with this data directory; returns when it has ended."""
    stopped = bring_down(data.absolute() / "state.json")
    if stopped:
        say("已停止", "stopped")
    else:
        say("没有在运行的", "nothing was running")


def _run(options: UpOptions, data: Path, lock: DirectoryLock) -> None:
    started = time.monotonic()
    settings = Settings()
    port = options.port or settings.port
    _check_port(settings.host, port)
    servers: dict[str, Server] = {}
    if not settings.database_url:
        servers["postgres"] = EmbeddedPostgres(data / "postgres")
    partitions: Mapping[str, str] = {}
    if not settings.kafka_bootstrap_servers:
        partitions = kept_partitions(data, settings)
        rights = {role: rights_of(role, settings.topic_prefix) for role in ROLES}
        servers["kafka"] = EmbeddedKafka(data / "kafka", brokers=options.brokers, rights=rights)
    if servers:
        say(f"正在启动 {' 和 '.join(servers)} …", f"starting {' and '.join(servers)} …")
    url = f"http://{settings.host}:{port}"
    announce(data / "state.json", _facts(url, settings, servers, demo=options.demo), servers)
    forks = ForkServer(data / "logs" / "forked.log")
    try:
        forks.begin()
        start_together(tuple(servers.values()))
        environment = {**_environment(settings, servers, data, port, options), **partitions}
        owner = _as_owner(servers)
        prepare_once(
            {**environment, **owner}, data, demo=options.demo, is_ours=len(servers) == len(_EMBEDDED)
        )
        _supervise(options, data, lock, environment, owner, servers, forks, started)
    finally:
        forks.end()
        for server in servers.values():
            server.stop()


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(port=port) from error


def _environment(
    settings: Settings, servers: Mapping[str, Server], data: Path, port: int, options: UpOptions
) -> dict[str, str]:
    """What our processes need to know, beside what this one was given."""
    environment = {"HUIYIN_DATA": str(data), "HUIYIN_PORT": str(port), "HUIYIN_HOST": settings.host}
    environment["HUIYIN_SECRET_KEY"] = settings.secret_key.get_secret_value() or _kept_secret(data / KEY_FILE)
    if isinstance(postgres := servers.get("postgres"), EmbeddedPostgres):
        environment["DATABASE_URL"] = postgres.application_url
    if isinstance(kafka := servers.get("kafka"), EmbeddedKafka):
        environment |= kafka.login()
        environment["REPLICATION_FACTOR"] = str(options.brokers)
    # Not what this process was told: `--demo` alone decides.
    environment["HUIYIN_DEMO"] = str(options.demo).lower()
    if options.demo and not settings.mini_apps:
        environment["MINI_APPS"] = json.dumps({DEMO_APP: _kept_secret(data / "mini-app.key")})
    return environment


def _as_owner(servers: Mapping[str, Server]) -> dict[str, str]:
    """What only migrations are told: how the tables' owner comes into our own Postgres."""
    postgres = servers.get("postgres")
    return {"MIGRATION_DATABASE_URL": postgres.url} if isinstance(postgres, EmbeddedPostgres) else {}


def _kept_secret(file: Path) -> str:
    """The secret in `file`, made when there is none: readable by its owner alone, and there whole or not at all."""
    with suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8").strip()
    secret = secrets.token_hex(32)
    write_whole(file, secret + "\n")
    return secret


def _supervise(
    options: UpOptions,
    data: Path,
    lock: DirectoryLock,
    environment: Mapping[str, str],
    owner: Mapping[str, str],
    servers: Mapping[str, Server],
    forks: ForkServer,
    started: float,
) -> None:
    url = f"http://{environment['HUIYIN_HOST']}:{environment['HUIYIN_PORT']}"
    settings = keep_servers(data, {**environment, **owner})

    def on_event(event: SupervisorEvent) -> None:
        if event.kind is EventKind.READY:
            seconds = time.monotonic() - started
            say(f"{seconds:.1f} 秒后就绪", f"ready after {seconds:.1f} s")
            end = callers_language().choose(
                "按 Ctrl-C 全部停止；数据全部保留。", "Ctrl-C stops everything; all data stays."
            )
            say_places(url, data, demo=options.demo, end=end)
        elif event.kind is not EventKind.STARTED:
            sentence = _sentence_of(event)
            say(sentence.zh, sentence.en)

    forks.wait()
    Supervisor(
        _specs(
            environment,
            data,
            servers.get("kafka"),
            demo=options.demo,
            has_mailbox=bool(settings.mail_in_url),
            workers=settings.workers,
        ),
        data / "state.json",
        on_event,
        servers=servers,
        facts=_facts(url, settings, servers, demo=options.demo),
        unready=lambda: unready(url),
        forks=forks,
        lock=lock,
    ).run()


def _facts(url: str, settings: Settings, servers: Mapping[str, Server], *, demo: bool) -> Mapping[str, Any]:
    """What `huiyin status --json` tells of all of it."""
    return {
        "url": url,
        "demo": demo,
        "kafka": {"bootstrap_servers": settings.kafka_bootstrap_servers, "embedded": "kafka" in servers},
        "postgres": {"url": without_password(settings.database_url), "embedded": "postgres" in servers},
    }


def _sentence_of(event: SupervisorEvent) -> Bilingual:
    detail = event.detail or plain("")
    zh = " ".join(filter(None, (event.process, _HAPPENED_ZH[event.kind])))
    en = " ".join(filter(None, (event.process, event.kind.value, detail.en)))
    return Bilingual(zh=f"{zh}：{detail.zh}" if detail.zh else zh, en=en)


#: In English an event goes by its name.
_HAPPENED_ZH = {
    EventKind.STARTED: "已启动",
    EventKind.DIED: "已退出",
    EventKind.ANEW: "按需重新启动",
    EventKind.FAILED: "反复失败",
    EventKind.RECOVERED: "已恢复",
    EventKind.WAITING: "尚未就绪",
    EventKind.READY: "已就绪",
    EventKind.UNWRITTEN: "状态未记录",
    EventKind.STOPPING: "正在停止",
    EventKind.KILLED: "被强行结束",
    EventKind.STOPPED: "已停止",
}


def _specs(
    environment: Mapping[str, str],
    data: Path,
    kafka: Server | None,
    *,
    demo: bool,
    has_mailbox: bool = False,
    workers: str = "apart",
) -> tuple[ProcessSpec, ...]:
    """The processes; the web stops first, the relay last: nothing new comes in while the rest drains."""
    wanted = [
        ("web", ("serve",), 0),
        *_behind_the_web(workers),
    ]
    if has_mailbox:
        wanted.append(("mail", ("mail",), 0))
    if demo:
        wanted.append(("demo", ("trickle", "--data", str(data)), 0))
    first_port = Settings().metrics_port
    return tuple(
        ProcessSpec(
            name=name,
            argv=(*huiyin(), *words),
            env={
                **_known_to(name, environment, kafka),
                "METRICS_PORT": str(first_port + number if first_port else 0),
            },
            stop_turn=turn,
            stop_seconds=30,
            parts=len(parts_of(name)),
        )
        for number, (name, words, turn) in enumerate(wanted)
    )


def _behind_the_web(workers: str) -> Sequence[tuple[str, tuple[str, ...], int]]:
    """Slices, relay and sweeper: in one process, within which the relay stops last, too, or each in its own."""
    if workers == "together":
        return ((name_of(_TOGETHER), ("work", *_TOGETHER), 1),)
    slices = ((name, ("work", name), 1) for name in HEARD)
    return (*slices, ("sweep", ("sweep", "--notices"), 1), ("relay", ("relay",), 2))


def _known_to(name: str, environment: Mapping[str, str], kafka: Server | None) -> Mapping[str, str]:
    """What one process is told: of our own Kafka's passwords its own alone, or none."""
    if not isinstance(kafka, EmbeddedKafka):
        return environment
    # Letters go to Kafka as forms do, and nothing else does from there.
    role = "web" if name == "mail" else name
    if parts_of(name) == _TOGETHER:
        return {**environment, **_as_each_part(kafka)}
    if role in ROLES:
        return {**environment, **kafka.login(role)}
    return {**environment, "KAFKA_SASL_USERNAME": "", "KAFKA_SASL_PASSWORD": ""}


def _as_each_part(kafka: EmbeddedKafka) -> Mapping[str, str]:
    """How one process comes in as each part's own user."""
    logins = {name: kafka.login(name) for name in _TOGETHER}
    passwords = {name: login["KAFKA_SASL_PASSWORD"] for name, login in logins.items()}
    return {
        "KAFKA_SASL_USERNAME": "",
        "KAFKA_SASL_PASSWORD": "",
        "KAFKA_PART_PASSWORDS": json.dumps(passwords),
    }
