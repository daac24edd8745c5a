"""Why Kafka denies us access, as one sentence for a person, with what to do about it."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from deploy.access import AccessDenied, causes, refusal_over_tls
from schemas.errors import Unusable

#: For a user whom no ACL allows what we need.
RIGHTS_REMEDY = Unusable(
    zh="给我们的用户 docs/many-machines.md 所列的权限",
    en="give our user the rights that docs/many-machines.md lists",
)


class KafkaAccessDenied(AccessDenied, KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """A broker answers and refuses us, or what the settings name cannot be used."""


async def why_kafka_is_closed(options: Mapping[str, Any]) -> KafkaConnectionError:
    """Ask each broker once more, and say what it did: `KafkaAccessDenied`, or another error if they are only away.

    `options`: what the client was made with; it keeps the causes to itself.
    """
    servers = str(options["bootstrap_servers"]).split(",")
    errors = await asyncio.gather(*(_asked(server.strip(), options) for server in servers))
    said = [(server, error) for server, error in zip(servers, errors, strict=True) if error is not None]
    for server, error in said:
        if (why := _refusal_by_kafka(error, options)) is not None:
            return KafkaAccessDenied(f"Kafka at {server}", *why)
    return KafkaConnectionError("; ".join(f"{server} {_absence(error, options)}" for server, error in said))


#: How long each broker has to say why (project choice).
_ASK_SECONDS = 5.0


async def _asked(server: str, options: Mapping[str, Any]) -> Exception | None:
    host, _, port = server.rpartition(":")
    wanted = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            connection = await create_conn(host.strip("[]"), int(port), **wanted)
            try:
                await connection.send(MetadataRequest([]))
            finally:
                connection.close()
    except (KafkaError, OSError, ValueError) as error:
        return error
    return None


def _refusal_by_kafka(error: Exception, options: Mapping[str, Any]) -> tuple[Unusable, Unusable] | None:
    for cause in causes(error):
        if isinstance(cause, SaslAuthenticationFailed):
            user, how = options["sasl_plain_username"], options["sasl_mechanism"]
            return (
                Unusable(
                    zh=f"拒绝了用户 {user!r} 的密码（{how}）",
                    en=f"refuses the password of the user {user!r} ({how})",
                ),
                Unusable(
                    zh="KAFKA_SASL_USERNAME、KAFKA_SASL_PASSWORD 和 KAFKA_SASL_MECHANISM 应与 broker 一致",
                    en="set KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM as the brokers know them",
                ),
            )
        if isinstance(cause, UnsupportedSaslMechanismError):
            how = options["sasl_mechanism"]
            return (
                Unusable(zh=f"不支持 SASL 机制 {how}", en=f"does not know the SASL mechanism {how}"),
                Unusable(
                    zh="把 KAFKA_SASL_MECHANISM 设为监听器已启用的一种",
                    en="set KAFKA_SASL_MECHANISM to one that the listener has enabled",
                ),
            )
        if isinstance(cause, ssl.SSLError) and (why := refusal_over_tls(cause)) is not None:
            return why[0], _KAFKA_REMEDIES[why[1]]
    return None


#: What is wrong with TLS, and where our side of it is set.
_KAFKA_REMEDIES = {
    "authority": Unusable(
        zh="在 KAFKA_SSL_CA_FILE 中写明 broker 的 CA 证书文件",
        en="name the file with the certificate of the brokers' CA in KAFKA_SSL_CA_FILE",
    ),
    "name": Unusable(
        zh="KAFKA_BOOTSTRAP_SERVERS 中的 broker 名称应与其证书一致",
        en="write the brokers in KAFKA_BOOTSTRAP_SERVERS as their certificates name them",
    ),
    "time": Unusable(
        zh="更新 broker 的证书，或校准本机时钟",
        en="renew the brokers' certificate, or set this machine's clock",
    ),
    "no-tls": Unusable(
        zh="把 KAFKA_SECURITY_PROTOCOL 设为监听器所用的，或写明使用 TLS 的端口",
        en="set KAFKA_SECURITY_PROTOCOL to what the listener speaks, or name the port that speaks TLS",
    ),
    "ours": Unusable(
        zh="把 KAFKA_SSL_CERTIFICATE_FILE 和 KAFKA_SSL_KEY_FILE 设为 broker 所信任的证书",
        en="set KAFKA_SSL_CERTIFICATE_FILE and KAFKA_SSL_KEY_FILE to a certificate that the brokers trust",
    ),
}


def _absence(error: Exception, options: Mapping[str, Any]) -> str:
    for cause in causes(error):
        if isinstance(cause, KafkaConnectionError | ConnectionResetError):
            protocol = options.get("security_protocol", "PLAINTEXT")
            return (
                f"ends the connection at once: does the listener speak {protocol} (KAFKA_SECURITY_PROTOCOL)?"
            )
    return f"does not answer ({type(error).__name__})"
