"""Settings as a process reads them from its environment."""

from collections.abc import Mapping
from typing import Any

from deploy.settings import Settings


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Of those variables alone."""
    names = {
        str(field.validation_alias or name).upper(): name for name, field in Settings.model_fields.items()
    }
    values: dict[str, Any] = {names[key]: text for key, text in environment.items() if key in names}
    return Settings(**values | {"mini_apps": {}})
