"""How many partitions topics get in the Kafka of one machine: as many as there will be processes of a slice.

Each fetch of a consumer walks its partitions, in the broker and in the client: with a third of them the same messages cost
a fifth less at eight citizens at once. They are for life, so that what a data directory began with stays written in it.
See docs/decisions/0039-few-partitions-on-one-machine.md.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.local.embedded.files import write_whole
from deploy.settings import Settings
from schemas import topics
from schemas.ids import DepartmentCode

#: Project choice: one machine runs at most four processes of a slice to any good, and departments read for themselves.
_ONE_MACHINE = {"topic_partitions": 4, "department_partitions": 1}
_FILE = "partitions.json"


def few_partitions(settings: Settings) -> Mapping[str, Any]:
    """Partitions of new topics on one machine, by setting; what the operator set stays."""
    return {
        name: getattr(settings, name) if name in settings.model_fields_set else few
        for name, few in _ONE_MACHINE.items()
    }


def kept_partitions(data: Path, settings: Settings) -> dict[str, str]:
    """What our processes are told, in their environment, of the topics of the Kafka in `data`; to be asked before its start.

    They lie beside it, so that they go where it goes; a release of before 29 November 2026 wrote them into `data`, and one
    of before that nowhere: they are what its topics have, whatever the settings say now. Without topics nothing is told.
    """
    folder = data / "kafka"
    if not any(folder.glob("*/formatted")):
        # No broker has ever started there: whatever was said before a start that failed is said anew.
        folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(folder / _FILE, json.dumps(few_partitions(settings)) + "\n")
    elif not (folder / _FILE).exists() and (
        found := _written(data) or _counted(folder, settings.topic_prefix)
    ):
        write_whole(folder / _FILE, json.dumps(found) + "\n")
    return {name.upper(): str(number) for name, number in _written(folder).items()}


def _written(place: Path) -> dict[str, int]:
    with suppress(FileNotFoundError):
        kept: dict[str, int] = json.loads((place / _FILE).read_text(encoding="utf-8"))
        return kept
    return {}


def _counted(folder: Path, prefix: str) -> dict[str, int]:
    """By the folders that brokers keep for partitions, each `TOPIC-NUMBER`; of several brokers each has some."""
    named = {
        "topic_partitions": topics.topic_name(topics.SUBMISSIONS, prefix),
        "department_partitions": topics.topic_name(topics.department_topic(DepartmentCode("*")), prefix),
    }
    numbers = {
        setting: [
            int(number)
            for each in folder.glob(f"*/data/{topic}-*")
            if (number := each.name.rpartition("-")[2]).isdecimal()
        ]
        for setting, topic in named.items()
    }
    return {setting: max(found) + 1 for setting, found in numbers.items() if found}
