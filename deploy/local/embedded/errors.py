"""Why an embedded server cannot run here, each with its remedy.

EmbeddedError
├── NotOnThisPlatform     only Linux can tie a child's life to ours
├── DirectoryInUse        another process runs on the same directory
├── ServerFailed          it did not start, or did not answer in time
├── JarsUnusable          Kafka's jars are missing or altered
└── JavaMissing           nothing here runs Java 17 or newer
"""

from schemas.errors import HuiyinError


class EmbeddedError(HuiyinError):
    """An embedded server cannot run."""

    code = "embedded-server"
    en = "The embedded server cannot run."


class NotOnThisPlatform(EmbeddedError):
    """Nothing on this system would stop our processes and servers when we are killed."""

    code = "not-on-this-platform"
    en = (
        "`huiyin up` runs on Linux only, and this is {platform}. "
        "Remedy: run it in a Linux container or virtual machine (on Windows: in WSL)"
    )


class DirectoryInUse(EmbeddedError):
    """Another process runs on the same directory."""

    code = "directory-in-use"
    en = (
        "{directory} is in use by {holder}. Remedy: stop it (huiyin down), or choose another --data directory"
    )


class ServerFailed(EmbeddedError):
    """The server did not start, or did not answer in time."""

    code = "server-failed"
    en = "{server} {problem}. Its log is {log}{tail}"


class JarsUnusable(EmbeddedError):
    """Kafka's jars are missing or are not the locked ones."""

    code = "jars-unusable"
    en = "Kafka's jar {jar} in {directory} {problem}. Remedy: make setup"


class JavaMissing(EmbeddedError):
    """Nothing here runs Java 17 or newer."""

    code = "java-missing"
    en = "No Java runtime was found. Remedy: make setup (it brings one), or install Java 17 or newer"
