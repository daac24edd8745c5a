"""What `huiyin up` says of itself before anything runs, and when it prepares its servers again."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.local import prepare_once as preparing
from deploy.local import up as ups
from deploy.local.embedded.errors import ServerFailed
from deploy.local.supervisor import ForkServer, Server, Status, read_state
from deploy.local.supervisor.state import State
from tests.stack import free_port


class NoForks(ForkServer):
    """Loads nothing: nothing comes to be divided."""

    def begin(self) -> None:
        """There is none."""


def test_it_says_that_it_starts_before_its_servers_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may take minutes at the first start, and `status` and `down` find it meanwhile."""
    seen: list[State | None] = []

    def start(_: Sequence[Server]) -> None:
        seen.append(read_state(tmp_path / "state.json"))
        raise ServerFailed(server="Kafka", problem="is not wanted here", log="none", tail="")

    monkeypatch.setattr(ups, "ForkServer", NoForks)
    monkeypatch.setattr(ups, "start_together", start)
    port = free_port()
    with pytest.raises(ServerFailed):
        ups.up(ups.UpOptions(data=tmp_path, port=port, demo=False, brokers=1), detach=False)

    [state] = seen
    assert state is not None
    assert Status.STARTING is state.status
    assert {"url", "demo", "kafka", "postgres"} == state.facts.keys()
    assert state.facts["url"].endswith(f":{port}")


@pytest.mark.parametrize("again", ["DATABASE_URL", "KAFKA_SASL_PASSWORD"])
def test_a_server_that_was_made_anew_is_prepared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    """Its folder was removed, after a disk was lost, say: it has no schema or no topics; on another port it is the same."""
    environment = {"DATABASE_URL": "postgresql://a:one@h:1/huiyin", "KAFKA_SASL_PASSWORD": "one"}
    elsewhere = {**environment, "DATABASE_URL": "postgresql://a:one@h:2/huiyin"}
    anew = {name: text.replace("one", "two") if name == again else text for name, text in environment.items()}
    prepared: list[str] = []
    monkeypatch.setattr(preparing, "_prepare", lambda told, *_, **__: prepared.append(told["DATABASE_URL"]))
    monkeypatch.setattr(preparing, "_shut_demo_out", lambda _: None)
    for told in (environment, environment, elsewhere, anew, anew):
        preparing.prepare_once(told, tmp_path, demo=False, is_ours=True)

    assert [environment["DATABASE_URL"], anew["DATABASE_URL"]] == prepared
