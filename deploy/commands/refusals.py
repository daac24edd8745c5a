"""What a command says instead of a traceback, where no code of ours is to blame."""

from deploy.access import AccessDenied
from schemas.errors import HuiyinError


def sentence_of(error: Exception) -> str | None:
    """One sentence with the remedy; None for a defect, whose traceback is wanted.

    Named are what we refuse, a file or folder that the system refuses, and servers that do not answer.
    """
    from aiokafka.errors import KafkaError

    from deploy.database.pool import TRANSIENT

    if isinstance(error, HuiyinError | AccessDenied):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, (KafkaError, *TRANSIENT)):
        return f"Kafka or Postgres does not answer ({type(error).__name__}); start them: huiyin up. See: huiyin doctor"
    return None
