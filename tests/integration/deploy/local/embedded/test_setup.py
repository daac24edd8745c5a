"""What set-up fetches and makes."""

import re
from pathlib import Path

from deploy.local.embedded.jars import Jar, locked_jars
from deploy.local.setup.assets import without_govuk_identity
from deploy.local.setup.jars import pom_of
from deploy.local.setup.tools import ROOT

_LOCKS = (*(ROOT / "requirements").glob("*.txt"), ROOT / "deploy/web/site/assets/package-lock.json")


def test_lock_files_name_no_host() -> None:
    """They install from whatever index the machine is configured for."""
    hosts = {file.name: re.findall(r"https?://[^\s\"]+", file.read_text(encoding="utf-8")) for file in _LOCKS}

    assert len(hosts) >= 5
    assert all(not found for found in hosts.values()), hosts


def test_every_locked_package_has_a_checksum() -> None:
    """Nothing is installed that was not locked."""
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        assert len(re.findall(r"(?m)^[\w.-]+==", text)) == len(
            re.findall(r"(?m)==[^\n]*\\\n    --hash", text)
        ), file


def test_every_locked_jar_has_a_checksum() -> None:
    """Kafka, its logger, and what they need."""
    jars = locked_jars()

    assert {"kafka_2.13", "kafka-clients", "log4j-core", "log4j-slf4j-impl"} <= {jar.artifact for jar in jars}
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars)


def test_maven_is_asked_for_the_locked_jars_alone() -> None:
    """Each artifact is named, and what it asks for is left out."""
    pom = pom_of([Jar(group="g", artifact="a", version="1", sha256="0" * 64)])

    assert "<groupId>g</groupId><artifactId>a</artifactId><version>1</version><exclusions>" in pom


def test_the_styles_lose_what_belongs_to_govuk() -> None:
    """No typeface, no images, our own font."""
    styles = (
        "@font-face{font-family:GDS Transport;src:url(/a.woff2)}"
        '.a{font-family:GDS Transport,arial,sans-serif}.b{font-family:"GDS Transport",arial,sans-serif}'
        ".c{background:url(/assets/images/govuk-crest.svg)}\n/*# sourceMappingURL=x.css.map */\n"
    )

    assert (
        without_govuk_identity(styles)
        == ".a{font-family:var(--font)}.b{font-family:var(--font)}.c{background:none}\n"
    )


def test_the_vendored_files_are_there() -> None:
    """What the pages link to, with licences."""
    vendor = Path(ROOT / "deploy/web/site/static/vendor")
    expected = {
        *("govuk-frontend.min.css", "govuk-frontend.min.js", "govuk-frontend.LICENSE.txt"),
        *("htmx.min.js", "hx-sse.min.js", "htmx.LICENSE.txt"),
    }

    assert expected <= {file.name for file in vendor.iterdir()}
