"""What runs on this machine: commands beside `huiyin up` need no environment of their own."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from deploy.local.supervisor import Status, read_state
from deploy.settings import Settings

#: The made-up mini-app whose secret stands in `demo.json`.
DEMO_APP = "demo-app"


def settings_here(data: Path | None = None) -> Settings:
    """The settings; what they leave empty of servers and secret is that of the `up` which runs in `data`.

    `data`: the data directory; that of the settings if None.
    """
    settings = Settings()
    directory = (data or settings.data).absolute()
    state = read_state(directory / "state.json")
    if state is None or state.status is Status.STOPPED:
        return settings
    found: dict[str, Any] = {}
    if not settings.database_url:
        found["database_url"] = state.facts["postgres"]["url"]
    if not settings.kafka_bootstrap_servers:
        found["kafka_bootstrap_servers"] = state.facts["kafka"]["bootstrap_servers"]
    secret = directory / "secret.key"
    if not settings.secret_key.get_secret_value() and secret.exists():
        found["secret_key"] = SecretStr(secret.read_text(encoding="utf-8").strip())
    return settings.model_copy(update=found)
