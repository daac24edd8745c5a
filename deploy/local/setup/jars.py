"""Fetches Kafka's jars, exactly the locked ones, and prepares the class cache for a quick start.

Run as `python -m deploy.local.setup.jars [mvn|jgo]`. Maven fetches them where it is installed, jgo (pure Python)
elsewhere; either way every checksum is verified. They lie in the user's cache folder, so a fresh checkout
needs no download.
"""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import NewTopic

from deploy.local.embedded.errors import EmbeddedError
from deploy.local.embedded.files import replacing
from deploy.local.embedded.jars import Jar, is_intact, jars_directory, locked_jars, verified_jars
from deploy.local.embedded.java import find_java
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.setup.tools import BUILD, ROOT, fail, install_locked, run_quietly, say
from deploy.messaging.client.client import client_options, open_admin, open_producer
from deploy.settings import Settings

_EXCLUDE_ALL = (
    "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
)
#: The JVM writes the cache while it ends; 6 s measured on two cores, twenty times that allowed (project choice).
_TRAINING_STOP_SECONDS = 120


def main(tool: str | None = None) -> None:
    """Does what is missing, and nothing else."""
    directory = jars_directory()
    missing = [jar for jar in locked_jars() if not _is_there(jar, directory)]
    if missing:
        _fetch(missing, directory, tool or ("mvn" if shutil.which("mvn") else "jgo"))
    _prepare_class_cache(verified_jars(directory))


def _is_there(jar: Jar, directory: Path) -> bool:
    path = directory / jar.file_name
    return path.is_file() and is_intact(jar, path)


def _fetch(jars: Sequence[Jar], directory: Path, tool: str) -> None:
    say(f"fetching {len(jars)} of Kafka's jars with {tool}")
    fetch = fetch_with_maven if tool == "mvn" else fetch_with_jgo
    with tempfile.TemporaryDirectory(prefix="huiyin-jars-") as scratch:
        folder = Path(scratch) / "jars"
        folder.mkdir()
        try:
            fetch(jars, folder)
        except subprocess.CalledProcessError as error:
            fail(
                f"Kafka's jars could not be fetched: {error}",
                "read the message above; a Maven repository must be in reach",
            )
        _keep(jars, folder, directory)


def fetch_with_maven(jars: Iterable[Jar], folder: Path) -> None:
    """Lets Maven copy exactly these artifacts, and nothing that they ask for.

    Raises:
        subprocess.CalledProcessError: Maven failed.
    """
    pom = folder.parent / "pom.xml"
    pom.write_text(pom_of(jars), encoding="utf-8")
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    run_quietly(["mvn", "--batch-mode", "--quiet", "--file", pom, *goal], folder.parent)


def pom_of(jars: Iterable[Jar]) -> str:
    """A Maven project that depends on exactly these artifacts."""
    dependencies = "".join(
        f"<dependency><groupId>{escape(jar.group)}</groupId><artifactId>{escape(jar.artifact)}</artifactId>"
        f"<version>{escape(jar.version)}</version>{_EXCLUDE_ALL}</dependency>\n"
        for jar in jars
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion>\n"
        "<groupId>huiyin</groupId><artifactId>kafka-jars</artifactId><version>1</version>\n"
        f"<dependencies>\n{dependencies}</dependencies></project>\n"
    )


def fetch_with_jgo(jars: Iterable[Jar], folder: Path) -> None:
    """Lets jgo copy exactly these artifacts, from an environment of its own.

    Raises:
        subprocess.CalledProcessError: jgo could not be installed, or failed.
    """
    programs = install_locked(ROOT / "requirements" / "jars.txt", BUILD / "jgo")
    coordinates = "".join(f"{jar.coordinate}\n" for jar in jars)
    run_quietly(
        [programs / "python", ROOT / "deploy/local/setup/jgo_fetch.py", folder], ROOT, text=coordinates
    )


def _keep(jars: Sequence[Jar], fetched: Path, directory: Path) -> None:
    """Moves verified jars into the cache, each whole or not at all: two set-ups at once do no harm."""
    directory.mkdir(parents=True, exist_ok=True)
    for jar in jars:
        source = fetched / jar.file_name
        if not source.is_file() or not is_intact(jar, source):
            fail(
                f"{jar.coordinate} is not what deploy/local/embedded/kafka-jars.lock says",
                "the repository or a proxy in between altered it; do not use it, and find out which",
            )
        with source.open("rb") as whole, replacing(directory / jar.file_name, 0o644) as kept:
            shutil.copyfileobj(whole, kept)


def _prepare_class_cache(jars: tuple[Path, ...]) -> None:
    """Runs a broker once and keeps the classes that it loaded; without that, brokers start 1 s later."""
    cache = find_java().cache_file(jars)
    if cache is None or cache.exists():
        return
    say("preparing a quick start of Kafka")
    cache.parent.mkdir(exist_ok=True)
    for cut_off in cache.parent.glob(".*"):
        cut_off.unlink()
    partial = cache.with_name(f".{cache.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="huiyin-kafka-") as scratch:
        kafka = EmbeddedKafka(Path(scratch), java_options=(f"-XX:AOTCacheOutput={partial}",))
        try:
            kafka.start()
            asyncio.run(_use(kafka.settings()))
        finally:
            kafka.stop(_TRAINING_STOP_SECONDS)
    if partial.exists():
        for old in cache.parent.glob("classes-*.aot"):
            old.unlink()
        partial.replace(cache)
    else:
        say("the quick start could not be prepared; Kafka will start 1 s later")


async def _use(settings: Settings) -> None:
    """Does what the system does all day, so that the classes for it are loaded."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a new broker's coordinator is away at first
    async with open_admin(settings) as admin:
        await admin.create_topics([NewTopic("training", num_partitions=1, replication_factor=1)])
    async with open_producer(settings) as producer:
        await producer.send_and_wait("training", b"value", key=b"key")
    await _consume(settings)


async def _consume(settings: Settings) -> None:
    async with AIOKafkaConsumer(
        "training",
        **client_options(settings),
        group_id="training",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    ) as consumer:
        await consumer.getone()
        await consumer.commit()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except EmbeddedError as error:
        fail(str(error), "run make setup again")
