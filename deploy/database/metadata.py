"""The whole schema: every slice's tables in one metadata, each slice in its own Postgres schema."""

from functools import cache
from importlib import import_module

from sqlalchemy import DDL, MetaData, event
from sqlmodel import SQLModel

#: Postgres schemas, one for each slice, and our own.
SCHEMAS = ("deploy", "intake", "routing", "handlers", "sla")
_MODULES = (
    "deploy.database.tables",
    "deploy.accounts.tables",
    "deploy.notices.tables",
    *(f"{name}.tables" for name in SCHEMAS[1:]),
)
#: In a table's `info`: the statements that are run then, in their order, as for its triggers.
_MOMENTS = ("before_create", "after_create")


@cache
def metadata() -> MetaData:
    """The tables of deploy and of every slice, as one metadata: what migrations are compared with."""
    for module in _MODULES:
        import_module(module)
    for table in SQLModel.metadata.tables.values():
        for moment in _MOMENTS:
            for statement in table.info.get(moment, ()):
                event.listen(table, moment, DDL(statement))  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return SQLModel.metadata
