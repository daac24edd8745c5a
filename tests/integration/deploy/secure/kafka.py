"""A Kafka that lets nobody in without a certificate or a password, and nobody do what no ACL allows."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.kafka_node import ExtraListeners
from deploy.messaging.topics.rights import Acl, Operation, Resource
from tests.integration.deploy.secure.certificates import Authority
from tests.stack import free_port

#: Passwords by user. No two are alike, and none is a part of anything else that may stand in a log.
OUR_PASSWORD = "kafka-pass/Zx81@7"
PASSWORDS = {
    "huiyin": OUR_PASSWORD,
    "department": "kafka-pass-dept-33",
    "guest": "kafka-pass-guest-55",
}
#: The user of a client certificate.
MUTUAL = "CN=huiyin-machine"

_SETTINGS = """
ssl.keystore.type=PEM
ssl.keystore.location={keys}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
listener.name.mutual.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_plaintext.sasl.enabled.mechanisms=SCRAM-SHA-512
"""
_LOGIN = (
    "listener.name.{listener}.{mechanism}.sasl.jaas.config="
    "org.apache.kafka.common.security.{module} required{users};\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureKafka:
    """A running broker and the addresses of its listeners."""

    server: EmbeddedKafka
    #: TLS and a password; the certificate is for `localhost`.
    sasl_ssl: str
    #: A password without TLS.
    sasl_plaintext: str
    #: TLS and a client certificate.
    mutual: str

    async def allow(self, user: str, acls: Sequence[Acl]) -> None:
        """Let `user` do these things."""
        await asyncio.to_thread(self.server.allow, user, acls)


def settings_for(address: str, user: str, authority: Path, **more: str) -> dict[str, str]:
    """What a process of ours is told, to come in over TLS with a password."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": address,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": user,
        "KAFKA_SASL_PASSWORD": PASSWORDS[user],
        "KAFKA_SSL_CA_FILE": str(authority),
        **more,
    }


@contextmanager
def secure_kafka(directory: Path, authority: Authority) -> Iterator[SecureKafka]:
    """One broker, its certificate made by `authority`, with the users of `PASSWORDS` and no ACL at all."""
    keys = authority.issue("kafka", hosts=["localhost"])
    ports = {name: free_port() for name in ("SASL_SSL", "SASL_PLAINTEXT", "MUTUAL")}
    additions = ExtraListeners(
        listeners=tuple(f"{name}://localhost:{port}" for name, port in ports.items()),
        protocols=("SASL_SSL:SASL_SSL", "SASL_PLAINTEXT:SASL_PLAINTEXT", "MUTUAL:SSL"),
        settings=_SETTINGS.format(keys=keys.both, authority=authority.file) + _logins(),
        format_options=tuple(
            f"--add-scram={mechanism}=[name={user},password={_quoted(password)}]"
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for user, password in PASSWORDS.items()
        ),
    )
    with EmbeddedKafka(directory, additions=additions) as server:
        addresses = {name: f"localhost:{port}" for name, port in ports.items()}
        yield SecureKafka(
            server=server,
            sasl_ssl=addresses["SASL_SSL"],
            sasl_plaintext=addresses["SASL_PLAINTEXT"],
            mutual=addresses["MUTUAL"],
        )


def _quoted(password: str) -> str:
    return f'"{password}"'


def _logins() -> str:
    users = "".join(f' user_{user}="{password}"' for user, password in PASSWORDS.items())
    return "".join(
        _LOGIN.format(listener=listener, mechanism=mechanism, module=module, users=users if is_plain else "")
        for listener in ("sasl_ssl", "sasl_plaintext")
        for mechanism, module, is_plain in (
            ("plain", "plain.PlainLoginModule", True),
            ("scram-sha-256", "scram.ScramLoginModule", False),
            ("scram-sha-512", "scram.ScramLoginModule", False),
        )
    )


def our_rights(prefix: str) -> Sequence[Acl]:
    """What docs/many-machines.md says that our own user needs."""
    topics = (Operation.CREATE, Operation.READ, Operation.WRITE)
    return (
        *(Acl(resource=Resource.TOPIC, name=f"{prefix}.", operation=may, is_prefix=True) for may in topics),
        Acl(resource=Resource.TOPIC, name=f"{prefix}.dead-letters.v1", operation=Operation.DELETE),
        Acl(resource=Resource.GROUP, name=f"{prefix}.", operation=Operation.READ, is_prefix=True),
    )
