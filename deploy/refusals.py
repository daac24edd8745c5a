"""Why a server lets us not in, as one sentence for a person, with what to do about it.

A refusal is certain: the same again would be refused again. A server that is away is none.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
from aiokafka.conn import create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

#: How long each broker has to say why.
_ASK_SECONDS = 5.0
#: Of OpenSSL: the certificate is for another name, or for another address.
_OTHER_NAME = (62, 64)
_NOT_YET_VALID, _EXPIRED = 9, 10


#: For a user whom no ACL allows what we need.
RIGHTS_REMEDY = "give our user the rights that docs/operations.md lists"


class NotLetIn(Exception):
    """A server that answers and refuses us. Its text never holds a password."""

    def __init__(self, server: str, why: str, remedy: str) -> None:
        super().__init__(server, why, remedy)
        self.found = f"{server} {why}"
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.found}. Remedy: {self.remedy}"


class KafkaRefused(NotLetIn, KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """No broker lets us in."""


class PostgresRefused(NotLetIn, ConnectionError):
    """Postgres does not let us in."""


def reason_of(error: BaseException) -> str:
    """What a log line says of an error beside its type: only of those that certainly quote nobody."""
    return str(error) if isinstance(error, NotLetIn) else ""


async def why_kafka_is_closed(options: Mapping[str, Any]) -> KafkaConnectionError:
    """Ask each broker once more, and say what it did: `KafkaRefused`, or another error if they are only away.

    `options`: what the client was made with; it keeps the causes to itself.
    """
    servers = str(options["bootstrap_servers"]).split(",")
    errors = await asyncio.gather(*(_asked(server.strip(), options) for server in servers))
    said = [(server, error) for server, error in zip(servers, errors, strict=True) if error is not None]
    for server, error in said:
        if (why := _refusal_by_kafka(error, options)) is not None:
            return KafkaRefused(f"Kafka at {server}", *why)
    return KafkaConnectionError("; ".join(f"{server} {_absence(error, options)}" for server, error in said))


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


def _refusal_by_kafka(error: Exception, options: Mapping[str, Any]) -> tuple[str, str] | None:
    for cause in _causes(error):
        if isinstance(cause, SaslAuthenticationFailed):
            return (
                f"refuses the password of the user {options['sasl_plain_username']!r} ({options['sasl_mechanism']})",
                "set KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM as the brokers know them",
            )
        if isinstance(cause, UnsupportedSaslMechanismError):
            return (
                f"does not know the SASL mechanism {options['sasl_mechanism']}",
                "set KAFKA_SASL_MECHANISM to one that the listener has enabled",
            )
        if isinstance(cause, ssl.SSLError) and (why := _refusal_over_tls(cause)) is not None:
            return why[0], _KAFKA_REMEDIES[why[1]]
    return None


#: What is wrong with TLS, and where our side of it is set.
_KAFKA_REMEDIES = {
    "authority": "name the file with the certificate of the brokers' CA in KAFKA_SSL_CA_FILE",
    "name": "write the brokers in KAFKA_BOOTSTRAP_SERVERS as their certificates name them",
    "time": "renew the brokers' certificate, or set this machine's clock",
    "no-tls": "set KAFKA_SECURITY_PROTOCOL to what the listener speaks, or name the port that speaks TLS",
    "ours": "set KAFKA_SSL_CERTIFICATE_FILE and KAFKA_SSL_KEY_FILE to a certificate that the brokers trust",
}
_POSTGRES_REMEDIES = {
    "authority": "name the file with the certificate of its CA in DATABASE_URL: sslrootcert=FILE",
    "name": "write the host in DATABASE_URL as its certificate names it",
    "time": "renew Postgres' certificate, or set this machine's clock",
    "no-tls": "set sslmode in DATABASE_URL to what the server speaks",
    "ours": "add sslcert=FILE and sslkey=FILE to DATABASE_URL, with a certificate that it trusts",
}


def _refusal_over_tls(error: ssl.SSLError) -> tuple[str, str] | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error)
    if error.reason == "WRONG_VERSION_NUMBER":
        return "does not speak TLS there", "no-tls"
    if "ALERT" in (error.reason or ""):
        return f"ends TLS, most likely for want of our certificate ({error.reason})", "ours"
    return None


def _distrust(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    said = error.verify_message.rstrip(".")
    if error.verify_code in _OTHER_NAME:
        return f"shows a certificate for another name ({said})", "name"
    if error.verify_code in (_NOT_YET_VALID, _EXPIRED):
        return f"shows a certificate that is not valid today ({said})", "time"
    return f"shows a certificate of a CA that we do not trust ({said})", "authority"


def _absence(error: Exception, options: Mapping[str, Any]) -> str:
    for cause in _causes(error):
        if isinstance(cause, KafkaConnectionError | ConnectionResetError):
            protocol = options.get("security_protocol", "PLAINTEXT")
            return (
                f"ends the connection at once: does the listener speak {protocol} (KAFKA_SECURITY_PROTOCOL)?"
            )
    return f"does not answer ({type(error).__name__})"


def postgres_refusal(error: Exception) -> PostgresRefused | None:
    """What a failed connection to Postgres means, if it is a refusal."""
    why = _refusal_by_postgres(error)
    return None if why is None else PostgresRefused("Postgres at DATABASE_URL", *why)


def _refusal_by_postgres(error: Exception) -> tuple[str, str] | None:
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError() if "no encryption" in str(error):
            return (
                "takes no connection without TLS",
                "add sslmode=verify-full and sslrootcert=FILE to DATABASE_URL",
            )
        case asyncpg.InvalidAuthorizationSpecificationError():
            return (
                f"refuses us ({error})",
                "see to user, password and certificate in DATABASE_URL, and to pg_hba.conf",
            )
        case asyncpg.InvalidCatalogNameError():
            return f"has no such database ({error})", "create it, or mend the name in DATABASE_URL"
        case ssl.SSLError() if (why := _refusal_over_tls(error)) is not None:
            return why[0], _POSTGRES_REMEDIES[why[1]]
        case ConnectionError() if "rejected SSL upgrade" in str(error):
            return "does not speak TLS", _POSTGRES_REMEDIES["no-tls"]
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | ssl.SSLError() if (
            _is_about_files(error)
        ):
            return (
                f"was not asked: a file that DATABASE_URL names cannot be used ({type(error).__name__})",
                "see to sslrootcert, sslcert and sslkey (or to the folder of its socket)",
            )
        case asyncpg.InterfaceError() if isinstance(error, ValueError):
            return f"was not asked: {error}", "mend DATABASE_URL"
        case ValueError():
            # Its own text may be a piece of the password.
            return (
                "was not asked: DATABASE_URL is no URL",
                "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with / as %2F, @ as %40 and so on in the password",
            )
    return None


def _is_about_files(error: Exception) -> bool:
    """What OpenSSL says of a file that is not what it should be has another library or no reason."""
    return not isinstance(error, ssl.SSLError) or error.library == "X509" or error.reason is None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
