"""The topics (interface: Kafka). One per producer, one per department, the commands, the dead letters."""

from schemas.ids import DepartmentCode

#: Raw submissions, with personal data: only intake reads them.
SUBMISSIONS = "submissions"
INTAKE = "intake"
ROUTING = "routing"
HANDLERS = "handlers"
SLA = "sla"
#: Checked answers to questions that come again: what other systems keep the same base by.
KNOWLEDGE = "knowledge"
#: What department systems do.
COMMANDS = "commands"
DEAD_LETTERS = "dead-letters"

#: What the audit log was at a moment, sealed: kept for ever, and no slice hears it.
AUDIT = "audit"

#: What slices and departments say, kept for a while.
ALL = (SUBMISSIONS, INTAKE, ROUTING, HANDLERS, SLA, KNOWLEDGE, COMMANDS, DEAD_LETTERS)


def department_topic(code: DepartmentCode) -> str:
    """The short name of one department's own topic."""
    return f"department.{code}"


def topic_name(short: str, prefix: str = "huiyin") -> str:
    """The name on the broker: `huiyin.intake.v1`."""
    return f"{prefix}.{short}.v1"
