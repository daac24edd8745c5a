"""`huiyin up --existing` begins no city where one was before, and its disk is not there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.commands import backup
from deploy.commands.refusals import status_of
from deploy.local import up as ups
from deploy.local.embedded import postgres_home
from deploy.local.embedded.errors import DataMissing
from deploy.local.embedded.process import Identity
from schemas.words import Language


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
    monkeypatch.setattr(postgres_home, "_identity", lambda: Identity.SAME)
    data = tmp_path / "data"
    for name in ("postgres/password", "postgres/18/PG_VERSION", "kafka/cluster", *_broker(1), "state.json"):
        _write(data / name)
    return data


def _broker(number: int) -> tuple[str, str]:
    return f"kafka/node-{number}/formatted", f"kafka/node-{number}/data/meta.properties"


def _write(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")


def _up(data: Path, *, existing: bool = True, brokers: int = 1) -> None:
    options = ups.UpOptions(data=data, port=None, demo=False, brokers=brokers, existing=existing)
    ups.up(options, detach=False)


def _empty(data: Path, *names: str) -> None:
    data.rename(data.with_name("elsewhere"))
    data.mkdir()
    for name in names:
        (data / name).mkdir()


def _lose(folder: str) -> Callable[[Path], None]:
    def lost(data: Path) -> None:
        shutil.rmtree(data / folder)
        (data / folder).mkdir()
        (data / folder / "lock").touch()

    return lost


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        (lambda data: data.rename(data.with_name("elsewhere")), ""),
        (_empty, ""), (lambda data: _empty(data, "lost+found"), ""),
        (_lose("postgres"), "postgres/18"), (_lose("postgres/18"), "postgres/18"),
        (_lose("kafka"), "kafka/node-1"), (_lose("kafka/node-1"), "kafka/node-1"),
        (_lose("kafka/node-1/data"), "kafka/node-1/data"),
        (lambda data: (data / "kafka").rename(data.with_name("elsewhere")), "kafka/node-1"),
    ],
)  # fmt: skip
def test_nothing_is_begun_where_a_city_was(data: Path, lost: Callable[[Path], None], named: str) -> None:
    """An empty mount point, a new disk, a server's folder alone or a broker's: it says which, ends with 4, makes nothing."""
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


@pytest.mark.parametrize("remains", [False, True])
def test_a_database_that_lay_elsewhere_is_looked_for_there(
    data: Path, monkeypatch: pytest.MonkeyPatch, remains: bool
) -> None:
    """As root, where nobody else may enter the data directory: gone with a container that is made anew; or moved along."""
    shared = data.with_name("shared")
    monkeypatch.setattr(postgres_home, "SHARED_STATE", shared)
    monkeypatch.setattr(postgres_home, "_identity", lambda: Identity.NOBODY)
    monkeypatch.setattr(postgres_home, "_can_enter", lambda *_: False)
    shutil.rmtree(data / "postgres/18")
    made = postgres_home._reachable_data(data / "postgres")
    _write(made / "PG_VERSION")
    with pytest.raises(Begins):
        _up(data)
    if remains:
        data = data.rename(data.with_name("moved"))
    else:
        shutil.rmtree(shared)
    with pytest.raises(DataMissing) as refused:
        _up(data)

    assert refused.value.facts["directory"] == postgres_home._elsewhere(data / "postgres") / "18"
    assert remains == shared.exists()


def test_a_broker_more_is_begun_and_one_that_was_is_not(data: Path) -> None:
    """Of those that are wanted, and were begun: what a disk of its own held is not begun anew beside the others."""
    with pytest.raises(Begins):
        _up(data, brokers=3)
    (data / "kafka/node-3").mkdir()
    with pytest.raises(Begins):
        _up(data, brokers=2)
    with pytest.raises(DataMissing) as refused:
        _up(data, brokers=3)
    assert data / "kafka/node-3" == refused.value.facts["directory"]
    for name in _broker(3):
        _write(data / name)
    with pytest.raises(Begins):
        _up(data, brokers=3)


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


@pytest.mark.parametrize("language", Language)
def test_a_restore_on_a_new_machine_says_how_to_start(data: Path, language: Language) -> None:
    """It makes Postgres and no Kafka: up --existing begins none, and both say that up without it does."""
    before = language.choose(*backup._to_start(data))
    shutil.rmtree(data / "kafka")
    after = language.choose(*backup._to_start(data))
    with pytest.raises(DataMissing) as refused:
        _up(data)

    assert "huiyin restore" in refused.value.message(language)
    for said in (after, refused.value.message(language)):
        assert "huiyin up" in said
        assert "--existing" in said
    assert str(data / "kafka") in after
    assert "--existing" not in before
    assert before.endswith("huiyin reconcile")
    assert after.endswith("huiyin reconcile")


@pytest.mark.parametrize("language", Language)
def test_a_restore_beside_servers_of_ones_own_speaks_of_no_kafka(
    data: Path, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of theirs nothing lies in the data directory."""
    shutil.rmtree(data / "kafka")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "h:9092")
    assert "Kafka" not in language.choose(*backup._to_start(data))


def test_what_goes_on_in_the_background_is_told_so() -> None:
    """The command that is started there looks as well: the disk may go between the two."""
    options = ups.UpOptions(data=Path("d"), port=None, demo=False, brokers=1, existing=True)
    assert "--existing" in options.argv()
