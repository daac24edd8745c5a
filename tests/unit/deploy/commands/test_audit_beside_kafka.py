"""What `huiyin audit verify` still has where a part of Kafka cannot be asked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.audit.anchors import AnchorFiles
from deploy.audit.topic import TopicAnchor
from deploy.commands import audit
from deploy.settings import Settings


async def test_events_that_cannot_be_read_leave_the_anchors_that_were(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They say what was made up or cut, whoever may not read what departments did."""
    anchors = [TopicAnchor(line=b"line", entries=b"")]

    async def read(*_: Any) -> list[TopicAnchor]:
        return anchors

    async def refuse(*_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(audit, "read_topic", read)
    monkeypatch.setattr(audit, "versions_said", refuse)

    topic, said, unasked = await audit._on_kafka(Settings(), AnchorFiles(tmp_path), datetime.now(UTC))

    assert (anchors, {}, "TimeoutError") == (topic, said, unasked.en)
