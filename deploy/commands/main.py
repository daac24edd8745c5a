"""The command `huiyin`. Progress goes to stderr, data to stdout."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any

import typer

from deploy.commands import streams
from deploy.commands.data_directory import DATA
from deploy.local.running import settings_here
from deploy.settings import DEFAULT_DATA, Settings, callers_language
from schemas.words import Language

app = typer.Typer(
    name="huiyin",
    help="Huiyin 回音: every message gets an answer, every matter is settled. 事事有回音，件件有着落。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def up(
    data: DATA = DEFAULT_DATA,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port of the web.  [default: 8080]")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add accounts, sample cases and a trickle of new ones.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Go on in the background.")] = False,
    brokers: Annotated[
        int, typer.Option(min=1, max=3, help="Kafka brokers to start: 1, or 3 for a cluster.")
    ] = 1,
    existing: Annotated[
        bool,
        typer.Option("--existing", help="Begin no new city: end with 4 where the data directory holds none."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --detach: what `status --json` says, once it is up.")
    ] = False,
) -> None:
    """Start everything on this machine. Ctrl-C stops it cleanly."""
    from deploy.local import up as ups

    options = ups.UpOptions(data=data, port=port, demo=demo, brokers=brokers, existing=existing)
    state = ups.up(options, detach=detach)
    if as_json and state is not None:
        from deploy.commands import status as statuses

        statuses.show(data, as_json=True)


@app.command()
def down(data: DATA = DEFAULT_DATA) -> None:
    """Stop what `up --detach` started."""
    from deploy.local import up as ups

    ups.down(data)


@app.command()
def status(
    data: DATA = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    wait: Annotated[
        float | None,
        typer.Option(
            min=1, metavar="SECONDS", help="How long Kafka and Postgres may take to say how it stands."
        ),
    ] = None,
) -> None:
    """How it stands: processes, lag, outbox."""
    from deploy.commands import status as statuses

    statuses.show(data, as_json=as_json, wait_seconds=wait or statuses.ASK_SECONDS)


@app.command()
def doctor(data: DATA = DEFAULT_DATA, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Check every dependency; each finding comes with its remedy."""
    from deploy.commands import doctor as doctors

    doctors.show(data, as_json=as_json)


@app.command()
def serve() -> None:
    """The web: pages and API."""
    from deploy.database.pool import FOR_PEOPLE
    from deploy.processes import runtime
    from deploy.processes.serve import serve as serving

    raise SystemExit(runtime.run("web", settings_here(), serving, server_settings=FOR_PEOPLE))


@app.command()
def work(
    slices: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SLICE]…",
            help="intake, routing, handlers, sla: all if none. In the same process: relay, sweep (with notices).",
        ),
    ] = None,
) -> None:
    """The consumers of these slices."""
    from deploy.composition import SLICES
    from deploy.database.pool import PLAN_ONCE
    from deploy.processes import runtime, worker
    from deploy.processes.lives import name_of
    from deploy.processes.worker import COMPANIONS

    chosen = tuple(slices or SLICES)
    if unknown := set(chosen) - {*SLICES, *COMPANIONS}:
        from deploy.commands.refusals import wrong_option

        named, known = ", ".join(sorted(unknown)), ", ".join((*SLICES, *COMPANIONS))
        raise wrong_option(
            f"没有这个业务模块：{named}；应为：{known}", f"no such slice: {named}; there are: {known}"
        )
    name = name_of(chosen)
    raise SystemExit(
        runtime.run(name, settings_here(), lambda each: worker.work(each, chosen), server_settings=PLAN_ONCE)
    )


@app.command()
def relay() -> None:
    """Send the outbox to Kafka."""
    from deploy.processes import runtime
    from deploy.processes.relay import relay as relaying

    raise SystemExit(runtime.run("relay", settings_here(), relaying))


@app.command()
def sweep(
    notices: Annotated[
        bool, typer.Option("--notices", help="Send the notices that wait, too, as `huiyin notify` does.")
    ] = False,
) -> None:
    """Watch the deadlines' clocks: warn, escalate, and prune what is old."""
    from deploy.processes import runtime, sweeper

    if notices:
        from deploy.processes.notify import sweep_and_notify

        raise SystemExit(runtime.run("sweep+notify", settings_here(), sweep_and_notify))
    raise SystemExit(runtime.run("sweep", settings_here(), sweeper.sweep))


@app.command()
def mail() -> None:
    """Take letters out of the mailbox that MAIL_IN_URL names."""
    from deploy.processes import mail as mails
    from deploy.processes import runtime

    raise SystemExit(runtime.run("mail", settings_here(), mails.mail))


@app.command()
def notify() -> None:
    """Send the notices that wait: to citizens, departments, supervisors and other systems."""
    from deploy.processes import notify as notifying
    from deploy.processes import runtime

    raise SystemExit(runtime.run("notify", settings_here(), notifying.notify))


@app.command()
def migrate() -> None:
    """Bring the database to this release's schema and create missing topics."""
    from deploy.commands.backup import finishing
    from deploy.local import prepare

    settings = settings_here()
    with finishing(settings):
        asyncio.run(prepare.prepare(settings))


@app.command(hidden=True)
def prepare(data: DATA = DEFAULT_DATA, demo: Annotated[bool, typer.Option("--demo")] = False) -> None:
    """What `up` does before it starts the processes."""
    from deploy.commands.backup import finish
    from deploy.local import prepare as preparing

    settings = settings_here()
    asyncio.run(preparing.prepare(settings, data / "demo.json", demo=demo))
    finish(settings)


@app.command(hidden=True)
def trickle(data: DATA = DEFAULT_DATA) -> None:
    """The demo's citizens and clerks."""
    from deploy.local import demo
    from deploy.processes import runtime

    people = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    raise SystemExit(runtime.run("demo", settings_here(), lambda each: demo.trickle(each, people)))


#: What must work whatever is set: who mends a setting stops things first.
_HEEDLESS = frozenset({"down"})
#: Commands of this file: they need none of the others, and start sooner without.
_OWN = frozenset(
    {
        "up",
        "down",
        "status",
        "doctor",
        "serve",
        "work",
        "relay",
        "sweep",
        "mail",
        "notify",
        "migrate",
        "prepare",
        "trickle",
    }
)
#: The first word of every other command, and the file that registers it: none but the one that was typed is loaded.
_FILES = {
    "user": "accounts", "token": "accounts", "audit": "audit", "backup": "backup", "restore": "backup",
    "bench": "bench", "city": "city", "classify": "classify", "dead-letters": "dead_letters", "deadline": "deadline",
    "calendar": "calendar", "rules": "deadline", "evaluate": "evaluate", "export": "export", "forget": "forget",
    "import": "import_", "knowledge": "knowledge", "lost": "lost", "models": "models", "notices": "notices",
    "reconcile": "reconcile", "topics": "topics", "train": "train", "webhook": "webhooks",
}  # fmt: skip
_COMMANDS = tuple(dict.fromkeys(_FILES.values()))


def _needed(words: Sequence[str]) -> Sequence[str]:
    """The files that a command line needs beside this one: all of them where it asks what there is."""
    first = words[0] if words else ""
    if first in _OWN:
        return ()
    return (_FILES[first],) if first in _FILES else _COMMANDS


def _check_settings(words: Sequence[str]) -> None:
    """Refuse a wrong setting before anything is done, whether or not this command comes to read it."""
    if words and words[0] in {*_OWN, *_FILES} - _HEEDLESS and "--help" not in words:
        Settings()


def main() -> None:
    """Run the command; what it refuses is one sentence on stderr, not a traceback, and so is a report that nobody gets."""
    streams.fit()
    if logging.lastResort is not None:
        # What Kafka's client says by itself, the sentence says; processes set up logs of their own.
        logging.lastResort.addFilter(lambda record: not record.name.startswith("aiokafka"))
    try:
        _command()
    except SystemExit as ended:
        _finish(ended.code)
        raise
    _finish(None)


def _finish(status: str | int | None) -> None:
    """End with another status than success where stdout did not take all; whoever reads no further is told nothing."""
    if (error := streams.unwritten()) is None:
        return
    streams.give_up_stdout()
    if not isinstance(error, BrokenPipeError):
        sys.stderr.write(f"huiyin: {_refusals().unwritten_report(error)}\n")
    raise SystemExit(status or 1)


def _refusals() -> ModuleType:
    # Here: only what failed waits for it.
    from deploy.commands import refusals

    return refusals


def _command() -> None:
    for name in _needed(sys.argv[1:]):
        import_module(f"deploy.commands.{name}").register(app)
    try:
        _check_settings(sys.argv[1:])
        status = _run(sys.argv[1:])
    except typer.Abort:
        _say_aborted()
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        # Before the command began, which ends so itself: as a shell says of what a signal ended (POSIX, 2.8.2).
        raise SystemExit(128 + signal.SIGINT) from None
    except Exception as error:
        if streams.unwritten() is not None:
            raise SystemExit(1) from None
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(str(error), err=True)
            raise SystemExit(_refusals().status_of(error)) from None
        if (sentence := _refusals().sentence_of(error)) is None:
            raise
        sys.stderr.write(f"huiyin: {sentence}\n")
        raise SystemExit(_refusals().status_of(error)) from error
    if status:
        raise SystemExit(status)


def _run(words: Sequence[str]) -> Any:
    """What was typed; help is loaded and said in Chinese where a Chinese terminal asks for it."""
    if not _asks_for_help(words) or callers_language() is not Language.ZH:
        return app(standalone_mode=False)
    from deploy.commands.help_zh import translate

    command = typer.main.get_command(app)
    translate(command)
    return command(standalone_mode=False)


def _asks_for_help(words: Sequence[str]) -> bool:
    """Whoever types the first word alone of what has several commands does, too."""
    return not words or "--help" in words or (len(words) == 1 and words[0] in _FILES)


def _say_aborted() -> None:
    """Whoever was asked said no, or the input ended."""
    from deploy.commands.speech import say

    say("已取消", "Aborted!")
