"""What is wrong with the settings themselves is said before anybody is asked."""

import ssl
from itertools import islice
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.access import causes, loggable_reason, refusal_over_tls
from deploy.database.access import PostgresAccessDenied
from deploy.database.pool import connect
from deploy.messaging.client.client import client_options
from deploy.messaging.topics.access import KafkaAccessDenied
from deploy.settings import Settings
from schemas.errors import Unusable
from schemas.words import Language


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `huiyin up` runs here, and the environment says nothing."""
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("content", [None, "junk"])
@pytest.mark.parametrize("setting", ["kafka_ssl_ca_file", "kafka_ssl_certificate_file"])
def test_a_file_that_cannot_be_used(tmp_path: Path, setting: str, content: str | None) -> None:
    """Is named with its setting."""
    file = tmp_path / "it.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    settings = Settings(kafka_security_protocol="SSL").model_copy(update={setting: file})

    with pytest.raises(KafkaAccessDenied) as raised:
        client_options(settings)
    assert raised.value.found(Language.EN).startswith(
        f"Kafka was not asked: {setting.upper()} names {file}, which cannot be used"
    )


def test_a_password_without_a_user() -> None:
    """SASL needs both."""
    with pytest.raises(KafkaAccessDenied, match="Remedy: set KAFKA_SASL_USERNAME"):
        client_options(Settings(kafka_security_protocol="SASL_PLAINTEXT", kafka_sasl_password="secret"))


@pytest.mark.parametrize("password", ["xq71/xq72", "xq71#xq72", "xq71?xq72", "xq71[xq72", "xq71:xq72"])
async def test_a_password_that_breaks_the_url(password: str) -> None:
    """No piece of it is shown, not even in a traceback."""
    with pytest.raises((ValidationError, PostgresAccessDenied, OSError)) as raised:
        async with connect(Settings(database_url=f"postgresql://huiyin:{password}@localhost:1/huiyin")):
            pass

    told = f"{raised.value!r} {raised.value.__cause__!r}"
    assert not [piece for piece in ("xq71", "xq72") if piece in told]


def test_a_setting_that_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As templates for containers leave them."""
    for name in ("KAFKA_SSL_CA_FILE", "KAFKA_SASL_MECHANISM", "HUIYIN_PORT"):
        monkeypatch.setenv(name, "")
    settings = Settings()

    assert (None, "SCRAM-SHA-512", 8080) == (
        settings.kafka_ssl_ca_file,
        settings.kafka_sasl_mechanism,
        settings.port,
    )


def test_a_refused_setting_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a secret in the wrong place."""
    monkeypatch.setenv("KAFKA_SASL_MECHANISM", "a secret")

    with pytest.raises(ValidationError) as raised:
        Settings()
    assert "a secret" not in str(raised.value)


def test_logs_quote_only_what_is_ours() -> None:
    """The text of any other error may be a citizen's."""
    assert "" == loggable_reason(ValueError("my phone is 13812345678"))
    assert (
        loggable_reason(
            PostgresAccessDenied(
                "Postgres", Unusable(zh="未开放", en="is closed"), Unusable(zh="打开它", en="open it")
            )
        )
        == "Postgres is closed. Remedy: open it"
    )


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(62, "name"), (64, "name"), (9, "time"), (10, "time"), (18, "authority"), (20, "authority")],
)
def test_what_is_wrong_with_a_certificate_leads_to_its_remedy(code: int, remedy: str) -> None:
    """By OpenSSL's codes (X509_V_ERR_…): another name or address, not valid today, or nobody whom we trust signed it."""
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, "as OpenSSL says."
    refusal = refusal_over_tls(error)

    assert refusal is not None
    assert (remedy, True) == (refusal[1], "(as OpenSSL says)" in str(refusal[0]))


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("WRONG_VERSION_NUMBER", "no-tls"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "ours"),
        ("EOF", None),
        (None, None),
    ],
)
def test_what_ends_tls_is_told_where_it_is_a_refusal(reason: str | None, remedy: str | None) -> None:
    """What may come of a server that is away is none."""
    error = ssl.SSLError()
    error.reason = reason  # type: ignore[assignment]  # OpenSSL gives none for some errors

    assert remedy == (refusal_over_tls(error) or (None, None))[1]


def test_what_was_raised_from_itself_is_told_once() -> None:
    """Or from each other: the reasons of an error end."""
    itself, one, other = (ValueError(), ValueError(), ValueError())
    itself.__cause__ = itself
    one.__cause__, other.__cause__ = other, one

    assert [itself] == list(islice(causes(itself), 9))
    assert [one, other] == list(islice(causes(one), 9))
