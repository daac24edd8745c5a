"""What can be set from outside."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.settings import Settings

SECRET = "a master secret of at least 32 characters"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `huiyin up` runs here, and the environment says nothing."""
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_names_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The promised names are read."""
    for name, value in {
        "DATABASE_URL": "postgresql://db/huiyin",
        "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
        "HUIYIN_SECRET_KEY": SECRET,
        "HUIYIN_PORT": "9000",
        "MINI_APPS": '{"app": "secret"}',
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()

    assert settings.database_url == "postgresql://db/huiyin"
    assert settings.kafka_bootstrap_servers == "kafka:9092"
    assert SECRET == settings.secret_key.get_secret_value()
    assert settings.port == 9000
    assert settings.mini_app_secrets == {"app": "secret"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOPIC_PREFIX", "Huiyin!"),
        ("KAFKA_SECURITY_PROTOCOL", "PLAIN"),
        ("BATCH_SIZE", "0"),
        ("HUIYIN_PORT", "70000"),
        ("RETRY_SECONDS", "-1"),
        ("MINI_APPS", '["app"]'),
    ],
)
def test_nonsense_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A process with a wrong setting does not start."""
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError):
        Settings()


def test_retries_end_before_kafka_gives_the_partitions_away() -> None:
    """A batch that is retried for the longest allowed time is still within the poll interval (300 s)."""
    with pytest.raises(ValidationError):
        Settings(retry_seconds=300)


def test_secrets_are_not_shown() -> None:
    """Neither in a log line nor in a traceback."""
    settings = Settings(secret_key=SECRET, kafka_sasl_password="hunter2", mini_apps={"app": "mini-secret"})

    assert not [secret for secret in (SECRET, "hunter2", "mini-secret") if secret in repr(settings)]


def test_each_purpose_has_its_own_key() -> None:
    """32 bytes, the same each time, unlike any other purpose's or master secret's."""
    settings = Settings(secret_key=SECRET)
    other = Settings(secret_key=SECRET + "!")
    keys = [settings.derived("codes"), settings.derived("forms"), other.derived("codes")]

    assert [32, 32, 32] == [len(key) for key in keys]
    assert len(set(keys)) == 3
    assert keys[0] == Settings(secret_key=SECRET).derived("codes")


@pytest.mark.parametrize("secret", ["a" * 32, "0123456789" * 10])
def test_a_master_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    """Long is not enough: at least twelve of its characters differ, as in every generated one."""
    with pytest.raises(ValueError, match="12 different"):
        Settings(secret_key=secret).derived("codes")


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_short_master_secret_is_refused(secret: str) -> None:
    """Rather than keys that could be guessed."""
    with pytest.raises(ValueError, match="32 characters"):
        Settings(secret_key=secret).derived("codes")


def test_addresses_that_are_handed_out() -> None:
    """What citizens type, where that is set; else host and port."""
    assert Settings(host="10.0.0.1", port=81).base_url == "http://10.0.0.1:81"
    for typed in ("https://12345.example.gov.cn/", "HTTPS://12345.example.gov.cn"):
        assert Settings(public_url=typed).base_url == "https://12345.example.gov.cn"
