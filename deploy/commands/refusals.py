"""What a command says instead of a traceback, where no code of ours is to blame."""

from pydantic import ValidationError
from pydantic_settings import SettingsError

from deploy.access import AccessDenied
from deploy.settings import Settings
from schemas.errors import HuiyinError, Misconfigured


def sentence_of(error: Exception) -> str | None:
    """One sentence with the remedy; None for a defect, whose traceback is wanted.

    Named are what we refuse, a file or folder that the system refuses, and servers that do not answer.
    """
    from aiokafka.errors import KafkaError

    from deploy.database.pool import TRANSIENT

    if isinstance(error, HuiyinError | AccessDenied):
        return str(error)
    if _is_of_settings(error):
        return _about_settings(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, (KafkaError, *TRANSIENT)):
        return f"Kafka or Postgres does not answer ({type(error).__name__}); start them: huiyin up. See: huiyin doctor"
    return None


def status_of(error: Exception) -> int:
    """The exit status of a command that ends with that: 2 where a setting cannot be used, as for a wrong option."""
    return 2 if isinstance(error, Misconfigured) or _is_of_settings(error) else 1


def _is_of_settings(error: Exception) -> bool:
    return isinstance(error, SettingsError) or (
        isinstance(error, ValidationError) and error.title == Settings.__name__
    )


def _about_settings(error: Exception) -> str:
    """Which of them, and why; what was given stays out of it, since it may be a secret."""
    if not isinstance(error, ValidationError):
        return f"{error}; see docs/settings.md"
    faults = [f"{_variable(str(each['loc'][0]))}: {each['msg']}" for each in error.errors() if each["loc"]]
    return f"{'; '.join(faults)}; see docs/settings.md"


def _variable(name: str) -> str:
    """The environment variable of that field, by whichever of its names it was called."""
    field = Settings.model_fields.get(name)
    alias = field.validation_alias if field is not None else None
    return alias if isinstance(alias, str) else name.upper()
