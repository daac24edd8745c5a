"""Everything that can be set from outside, in one place. Nobody else reads the environment.

docs/settings.md is generated from the descriptions.
"""

import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.setting_shapes import SHAPES, UnfitSetting
from schemas.bilingual import Bilingual
from schemas.city import DEFAULT_TIME_ZONE
from schemas.errors import Misconfigured
from schemas.words import Language

#: The data directory, unless HUIYIN_DATA or --data says otherwise.
DEFAULT_DATA = Path("data")
#: Project choices: 256 bits as hexadecimal digits have 64, of which hardly ever fewer than 14 differ.
MIN_SECRET_CHARACTERS = 32
MIN_DISTINCT_CHARACTERS = 12


class SecretUnusable(Misconfigured):
    """There is no master secret, or one that can be guessed."""

    en = "HUIYIN_SECRET_KEY {fault}; `openssl rand -hex 32` makes one; beside huiyin up, name its HUIYIN_DATA"
    zh = "HUIYIN_SECRET_KEY 不可用（{fault}）；可用 `openssl rand -hex 32` 生成，或用 HUIYIN_DATA 指明 huiyin up 的数据目录"


class Settings(BaseSettings):
    """Read once from the environment; unset means the default."""

    model_config = SettingsConfigDict(
        case_sensitive=False,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        # What is refused may be a secret.
        hide_input_in_errors=True,
    )

    data: Path = Field(
        DEFAULT_DATA,
        validation_alias="HUIYIN_DATA",
        description="Where `huiyin up` keeps everything of this machine; `--data` comes first.",
    )
    shows_demo: bool = Field(
        False,
        validation_alias="HUIYIN_DEMO",
        description="Whether what a demo made opens anything here; `huiyin up --demo` tells its processes so.",
    )
    database_url: str = Field(
        "",
        description="Postgres to use, with `sslmode` and `sslrootcert` as libpq takes them; "
        "empty: `huiyin up` starts its own.",
    )
    migration_database_url: str = Field(
        "",
        description="The same database as the role that owns its tables, for `huiyin migrate` alone; "
        "empty: DATABASE_URL, whose role can then rewrite the audit log.",
    )
    database_pool_size: int = Field(10, ge=1, le=200, description="Connections of one process at most.")
    kafka_bootstrap_servers: str = Field("", description="Kafka to use; empty: `huiyin up` starts its own.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to speak to Kafka."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="SASL mechanism, where the protocol says SASL."
    )
    kafka_sasl_username: str = Field("", description="SASL user.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="SASL password.")
    kafka_part_passwords: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="For `huiyin work` with several parts, each as a user of its own: JSON of part (`intake`, `relay`, …), "
        "which is the user's name, to password; empty: KAFKA_SASL_USERNAME for all.",
    )
    kafka_ssl_ca_file: Path | None = Field(
        None, description="CA certificate (PEM) of the brokers; empty: the system's."
    )
    kafka_ssl_certificate_file: Path | None = Field(
        None, description="Our own certificate with its chain (PEM), where the brokers ask for one."
    )
    kafka_ssl_key_file: Path | None = Field(
        None, description="The key of our certificate (PEM); empty: it is in the certificate's file."
    )
    kafka_ssl_key_password: SecretStr = Field(
        SecretStr(""), description="What that key is locked with; empty: nothing."
    )
    workers: Literal["together", "apart"] = Field(
        "apart",
        description="Whether `huiyin up` runs slices, relay and sweeper each in a process of its own, which carries more, "
        "or in one, which takes less memory and wakes less often where little comes in.",
    )
    topic_prefix: str = Field(
        "huiyin",
        pattern=r"^[a-z0-9-]+$",
        description="First part of every topic's and consumer group's name.",
    )
    topic_partitions: int = Field(
        12,
        ge=1,
        le=1000,
        description="Partitions of the slices' topics, for life; 4 where `huiyin up` starts a Kafka of its own, unless you "
        "say otherwise before its first start.",
    )
    department_partitions: int = Field(
        3,
        ge=1,
        le=100,
        description="Partitions of a department's topic, for life; 1 where `huiyin up` starts a Kafka of its own.",
    )
    replication_factor: int = Field(1, ge=1, le=7, description="Replicas of every topic that we create.")
    batch_size: int = Field(
        500, ge=1, le=5000, description="Records that a consumer handles in one transaction."
    )
    batch_wait_ms: int = Field(
        500, ge=1, le=5000, description="How long a consumer waits for a record before it looks around."
    )
    session_timeout_ms: int = Field(
        10_000,
        ge=1000,
        le=300_000,
        description="After this long without a heartbeat a consumer counts as gone.",
    )
    retry_seconds: float = Field(
        60, ge=0, le=240, description="How long a batch is retried in place before the process ends."
    )
    dead_letter_limit: int = Field(
        200,
        ge=1,
        description="Dead letters in a row, or in 1,000 records, after which a consumer stops instead.",
    )
    stuck_seconds: float = Field(
        120,
        ge=5,
        description="A consumer with lag and no progress for a quarter of this gets a new client of Kafka; "
        "if that does not help, or a batch takes this long, its process ends.",
    )
    outbox_batch: int = Field(1000, ge=1, le=10_000, description="Rows that the relay sends at once.")
    inbox_days: int = Field(
        31,
        ge=8,
        description="Days that event ids are remembered against redelivery; our topics keep records for a day less at most.",
    )
    sweep_seconds: float = Field(1.0, gt=0, description="From one look at the clocks to the next.")
    topics_least_people: int = Field(
        3,
        ge=2,
        description="Different people who write of one matter at one place before it is an early warning.",
    )
    topics_days: int = Field(7, ge=1, le=31, description="Days within which they write.")
    audit_directory: Path | None = Field(
        None,
        description="Folder of the audit's anchors, best on another machine; empty: `audit` in the data directory.",
    )
    anchor_seconds: float = Field(
        300,
        ge=10,
        description="Between two anchors of the audit log: what changed since is found less surely.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="HUIYIN_SECRET_KEY",
        description="Master secret (at least 32 characters, 12 of them different): "
        "codes, contact details and forms derive theirs from it.",
    )
    previous_secret_keys: SecretStr = Field(
        SecretStr(""),
        validation_alias="HUIYIN_PREVIOUS_SECRET_KEYS",
        description="Former master secrets, the latest first, separated by commas: "
        "what was signed, sealed or handed out under them holds.",
    )
    host: str = Field(
        "127.0.0.1", validation_alias="HUIYIN_HOST", description="Address that the web listens on."
    )
    port: int = Field(8080, ge=1, le=65535, validation_alias="HUIYIN_PORT", description="Port of the web.")
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on which each process tells of itself alone (/healthz, /readyz, /metrics), at HUIYIN_HOST; "
        "0: none. `huiyin up` gives the web this one, and each further process the next.",
    )
    public_url: str = Field(
        "",
        description="What citizens type: notices lead there, and cookies are Secure if it is https; empty: host and port.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses, separated by commas, whose X-Forwarded-For is believed; of several in a row, each.",
    )
    submissions_per_minute: int = Field(
        60, ge=1, description="Submissions a minute from one address; this machine itself is not limited."
    )
    attachments_directory: Path | None = Field(
        None,
        description="Folder of the files that came with messages, the same for web, import and sweeper; "
        "empty: `attachments` in the data directory.",
    )
    attachments_bucket: str = Field(
        "", description="S3 bucket for them instead; the folder then holds arrivals alone."
    )
    attachments_s3_endpoint: str = Field("", description="Address of an S3 that is not Amazon's.")
    attachments_s3_region: str = Field("", description="Region of the bucket.")
    attachments_s3_key_id: str = Field("", description="Access key of the bucket.")
    attachments_s3_secret: SecretStr = Field(SecretStr(""), description="Secret of that access key.")
    attachment_max_bytes: int = Field(
        20 * 1024 * 1024, ge=1024, le=512 * 1024 * 1024, description="Bytes of one file at most."
    )
    attachments_per_message: int = Field(9, ge=1, le=50, description="Files of one message at most.")
    attachments_waiting_bytes: int = Field(
        20 * 1024**3,
        ge=1024,
        description="Bytes of all files whose message has not come; beyond that no more are taken. Of it citizens fill "
        "three quarters, one address a twentieth.",
    )
    clamd: str = Field(
        "", description="ClamAV's daemon, `host:port` or the path of its socket; empty: no file is scanned."
    )
    disk_reserve_bytes: int = Field(
        512 * 1024**2,
        ge=0,
        description="With less room than this in a data directory that holds our own Kafka or Postgres no message is taken; "
        "0: always.",
    )
    mail_in_url: str = Field(
        "",
        description="Mailbox whose letters become cases: `maildir:///path`, or `imaps://user@host/INBOX`; empty: none.",
    )
    mail_in_password: SecretStr = Field(SecretStr(""), description="Password of that mailbox.")
    mail_out_url: str = Field(
        "",
        description="Server that sends our answers to letters: `smtps://user@host` or `smtp://host`; "
        "empty: whoever writes is not told their codes.",
    )
    mail_out_password: SecretStr = Field(SecretStr(""), description="Password at that server.")
    mail_address: str = Field("", description="Our own address: the sender of answers.")
    mail_max_bytes: int = Field(
        50 * 1024**2,
        ge=1024**2,
        le=512 * 1024**2,
        description="Bytes of one letter at most, as it travels; of a larger one its words are taken, and no file. "
        "Reading one takes some four times as much memory.",
    )
    mail_seconds: float = Field(30.0, gt=0, le=3600, description="Pause between two looks into the mailbox.")
    smtp_url: str = Field(
        "",
        description="Server that notices to citizens and staff leave by: `smtps://user@host` or `smtp://host`; "
        "empty: nobody is told by e-mail.",
    )
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at that server.")
    mail_from: str = Field(
        "",
        description="Sender of notices, `no-reply@city.example`; empty: MAIL_ADDRESS. Bounces come back to it.",
    )
    sms_url: str = Field(
        "",
        description="Where text messages are handed in: `https://…`, or `file:///path` for tests; empty: none are sent.",
    )
    sms_token: SecretStr = Field(SecretStr(""), description="Bearer token for that address.")
    push_url: str = Field(
        "", description="Where news for mini-apps is handed in, as SMS_URL; empty: none is sent."
    )
    push_token: SecretStr = Field(SecretStr(""), description="Bearer token for that address.")
    webhooks_private: bool = Field(
        False,
        description="Whether webhooks may lead to addresses that are not public: loopback, private, link-local.",
    )
    notice_days: int = Field(
        90,
        ge=32,
        description="Days that a notice is kept once it is settled; longer than events are remembered.",
    )
    city_directory: Path | None = Field(
        None,
        description="Folder with departments.toml, regions.toml, taxonomy.toml and, if any, subcategories.toml, "
        "items.toml, tags.toml; "
        "empty: the example city.",
    )
    rules_file: Path | None = Field(None, description="Deadline rules; empty: those of the example city.")
    routing_directory: Path | None = Field(None, description="Routing's word lists; empty: those shipped.")
    time_zone: str = Field(DEFAULT_TIME_ZONE, description="The city's time zone.")
    mini_apps: dict[str, SecretStr] = Field(
        default_factory=dict, description="Mini-apps that may submit: JSON of app id to shared secret."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias="HUIYIN_LOG_LEVEL", description="Least severe log line that is written."
    )
    otel_endpoint: str = Field(
        "",
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Where traces go (OTLP over HTTP); empty: nowhere.",
    )
    trace_ratio: float = Field(
        0.05, ge=0, le=1, description="Share of submissions that are traced, where traces go somewhere."
    )

    @field_validator(*SHAPES)
    @classmethod
    def _looks_as_it_should(cls, value: str, info: ValidationInfo) -> str:
        """A slip ends the start of every command, not the first message that would have needed it."""
        shape = SHAPES[str(info.field_name)]
        if value and not shape.takes(value):
            raise UnfitSetting(shape)
        return value

    @property
    def fingerprint(self) -> str:
        """What the master secret is known by among processes; nobody learns the secret from it."""
        return self.derived("processes").hex()[:16]

    @property
    def as_owner(self) -> "Settings":
        """These settings, with the database as its owner reaches it."""
        return self.model_copy(update={"database_url": self.migration_database_url or self.database_url})

    def of_part(self, name: str) -> "Settings":
        """These settings, with Kafka as that part of a process reaches it, by a user of its own."""
        password = self.kafka_part_passwords.get(name)
        if password is None:
            return self
        return self.model_copy(update={"kafka_sasl_username": name, "kafka_sasl_password": password})

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, from the master secret."""
        master = self.secret_key.get_secret_value()
        if fault := secret_fault(master):
            raise SecretUnusable(fault=fault)
        return _derived(master.encode(), purpose)

    def previously_derived(self, purpose: str) -> Sequence[bytes]:
        """32 bytes for one purpose, from each former master secret."""
        formers = self.previous_secret_keys.get_secret_value().split(",")
        return [_derived(former.strip().encode(), purpose) for former in formers if former.strip()]

    @property
    def attachment_folder(self) -> Path:
        """Where files arrive, and lie unless a bucket is named."""
        return (self.attachments_directory or self.data / "attachments").absolute()

    @property
    def base_url(self) -> str:
        """What stands before every path that we hand out."""
        scheme, mark, rest = (
            (self.public_url or f"http://{self.host}:{self.port}").rstrip("/").partition("://")
        )
        # Capitals or not is all the same (RFC 3986 §3.1), and whether it is https is asked by its letters.
        return f"{scheme.lower()}{mark}{rest}"

    @property
    def mini_app_secrets(self) -> dict[str, str]:
        """Mini-apps and their shared secrets."""
        return {app: secret.get_secret_value() for app, secret in self.mini_apps.items()}


def callers_language() -> Language:
    """The language of whoever types a command, as their terminal says it (POSIX, 8.2): Chinese or else English."""
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return Language.ZH if said.lower().startswith("zh") else Language.EN


def secret_fault(secret: str) -> Bilingual | None:
    """Why nobody should use this as the master secret; None where it will do."""
    if len(secret) < (least := MIN_SECRET_CHARACTERS):
        return Bilingual(zh=f"须至少 {least} 个字符", en=f"must have at least {least} characters")
    if len(set(secret)) < (least := MIN_DISTINCT_CHARACTERS):
        return Bilingual(
            zh=f"容易被猜到：须含至少 {least} 个不同的字符",
            en=f"can be guessed: it must hold at least {least} different characters",
        )
    return None


def _derived(master: bytes, purpose: str) -> bytes:
    return hmac.digest(master, f"huiyin/{purpose}".encode(), "sha256")
