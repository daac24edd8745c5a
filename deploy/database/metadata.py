"""The whole schema: every slice's tables in one metadata, each slice in its own Postgres schema."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel

#: Postgres schemas, one for each slice, and our own.
SCHEMAS = ("deploy", "intake", "routing", "handlers", "sla")
_MODULES = (
    "deploy.database.tables",
    "deploy.accounts.tables",
    "deploy.notices.tables",
    *(f"{name}.tables" for name in SCHEMAS[1:]),
)


def metadata() -> MetaData:
    """The tables of deploy and of every slice, as one metadata: what migrations are compared with."""
    for module in _MODULES:
        import_module(module)
    return SQLModel.metadata
