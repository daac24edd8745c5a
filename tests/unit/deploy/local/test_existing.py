"""`huiyin up --existing` begins no city where one was before, and its disk is not there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.commands.refusals import status_of
from deploy.local import up as ups
from deploy.local.embedded.errors import DataMissing


class Begins(Exception):
    """It would have begun now."""


def _begin(*_: object) -> None:
    raise Begins


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a city leaves; a start that makes something ends there."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setattr(ups, "_make_writable", _begin)
    data = tmp_path / "data"
    for name in ("postgres/password", "kafka/cluster", "state.json"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("x")
    return data


def _up(data: Path, *, existing: bool = True) -> None:
    ups.up(ups.UpOptions(data=data, port=None, demo=False, brokers=1, existing=existing), detach=False)


def _empty(data: Path, *names: str) -> None:
    data.rename(data.with_name("elsewhere"))
    data.mkdir()
    for name in names:
        (data / name).mkdir()


def _lose(server: str) -> Callable[[Path], None]:
    def lost(data: Path) -> None:
        for each in (data / server).iterdir():
            each.unlink()
        (data / server / "lock").touch()

    return lost


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        (lambda data: data.rename(data.with_name("elsewhere")), ""),
        (_empty, ""), (lambda data: _empty(data, "lost+found"), ""),
        (_lose("postgres"), "postgres"), (_lose("kafka"), "kafka"),
        (lambda data: (data / "kafka").rename(data.with_name("elsewhere")), "kafka"),
    ],
)  # fmt: skip
def test_nothing_is_begun_where_a_city_was(data: Path, lost: Callable[[Path], None], named: str) -> None:
    """An empty mount point, a new disk, a server's folder alone: it says which, ends with 4, and makes nothing."""
    with pytest.raises(Begins):
        _up(data)
    lost(data)
    before = sorted(data.parent.rglob("*"))
    with pytest.raises(DataMissing) as refused:
        _up(data)

    assert 4 == status_of(refused.value)
    assert data / named == refused.value.facts["directory"]
    assert before == sorted(data.parent.rglob("*"))
    with pytest.raises(Begins):
        _up(data, existing=False)


def test_servers_elsewhere_have_no_folder_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an operator's own Postgres and Kafka nothing lies in the data directory; what does is asked for all the same."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@h/huiyin")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "h:9092")
    for server in ("postgres", "kafka"):
        _lose(server)(data)
    with pytest.raises(Begins):
        _up(data)
    _empty(data)
    with pytest.raises(DataMissing):
        _up(data)


def test_what_goes_on_in_the_background_is_told_so() -> None:
    """The command that is started there looks as well: the disk may go between the two."""
    options = ups.UpOptions(data=Path("d"), port=None, demo=False, brokers=1, existing=True)
    assert "--existing" in options.argv()
