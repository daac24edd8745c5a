"""What runs on this machine: commands beside `huiyin up` need no environment of their own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from deploy.local.embedded.files import write_whole
from deploy.settings import Settings

#: The made-up mini-app whose secret stands in `demo.json`.
DEMO_APP = "demo-app"
#: How to reach the servers, passwords and all; its owner alone may read it.
_FILE = "servers.json"
#: The master secret, where no setting gives one.
KEY_FILE = "secret.key"
_POSTGRES = ("database_url", "migration_database_url")
_KAFKA = (
    "kafka_bootstrap_servers",
    "kafka_security_protocol",
    "kafka_sasl_mechanism",
    "kafka_sasl_username",
    "kafka_sasl_password",
    "kafka_ssl_ca_file",
    "kafka_ssl_certificate_file",
    "kafka_ssl_key_file",
    "kafka_ssl_key_password",
    # What `doctor` compares the topics with.
    "topic_partitions",
    "department_partitions",
)


def keep_servers(data: Path, environment: Mapping[str, str]) -> Settings:
    """Let commands find the servers of `up`, for as long as it runs in `data`; returns the settings with them.

    `environment`: what our processes are told beside our own.
    """
    names = [name for name in (*_POSTGRES, *_KAFKA) if name.upper() in environment]
    settings = Settings.model_validate({name: environment[name.upper()] for name in names})
    found = {name: _plain(getattr(settings, name)) for name in (*_POSTGRES, *_KAFKA)}
    write_whole(data / _FILE, json.dumps(found, indent=2) + "\n")
    return settings


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def without_password(url: str) -> str:
    """The address without its password, fit to be shown."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    query = "&".join(part for part in parts.query.split("&") if not _names_password(part))
    return urlunsplit(parts._replace(netloc=user.partition(":")[0] + at + place, query=query))


def _names_password(part: str) -> bool:
    """That of the user, or of the key (`sslpassword`), however its name is written."""
    return unquote(part.partition("=")[0]).lower().endswith("password")


def kept_secret(data: Path) -> SecretStr | None:
    """The master secret that `up` keeps in `data`; None where it made none."""
    file = data / KEY_FILE
    return SecretStr(file.read_text(encoding="utf-8").strip()) if file.exists() else None


def settings_here(data: Path | None = None) -> Settings:
    """The settings; what they leave empty of servers and secret is that of the `up` which runs in `data`.

    `data`: the data directory; that of the settings if None.
    """
    settings = Settings()
    if _lacks_nothing(settings):
        # A process of `up`: it starts without loading what supervises it.
        return settings
    from deploy.local.supervisor import read_state  # here: see above

    directory = (data or settings.data).absolute()
    state = read_state(directory / "state.json")
    if state is None or not state.can_be_asked:
        return settings
    found = _servers_in(directory, settings)
    if not settings.secret_key.get_secret_value() and (secret := kept_secret(directory)) is not None:
        found["secret_key"] = secret
    return settings.model_copy(update=found)


def _lacks_nothing(settings: Settings) -> bool:
    secret = settings.secret_key.get_secret_value()
    return bool(settings.database_url and settings.kafka_bootstrap_servers and secret)


def _servers_in(directory: Path, settings: Settings) -> dict[str, Any]:
    file = directory / _FILE
    if not file.exists():
        return {}
    kept: Mapping[str, str | None] = json.loads(file.read_text(encoding="utf-8"))
    wanted: list[str] = []
    if not settings.database_url:
        wanted += _POSTGRES
    if not settings.kafka_bootstrap_servers:
        wanted += _KAFKA
    given = Settings.model_validate({name: kept[name] for name in wanted if kept.get(name) is not None})
    return {name: getattr(given, name) for name in wanted}
