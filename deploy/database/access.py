"""Why Postgres denies us access, as one sentence for a person, with what to do about it."""

import ssl

import asyncpg

from deploy.access import AccessDenied, refusal_over_tls


class PostgresAccessDenied(AccessDenied, ConnectionError):
    """Postgres answers and refuses us, or what DATABASE_URL names cannot be used."""


def postgres_refusal(error: Exception) -> PostgresAccessDenied | None:
    """What a failed connection to Postgres means, if it is a refusal."""
    why = _refusal_by_postgres(error)
    return None if why is None else PostgresAccessDenied("Postgres at DATABASE_URL", *why)


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
        case ssl.SSLError() if (why := refusal_over_tls(error)) is not None:
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


_POSTGRES_REMEDIES = {
    "authority": "name the file with the certificate of its CA in DATABASE_URL: sslrootcert=FILE",
    "name": "write the host in DATABASE_URL as its certificate names it",
    "time": "renew Postgres' certificate, or set this machine's clock",
    "no-tls": "set sslmode in DATABASE_URL to what the server speaks",
    "ours": "add sslcert=FILE and sslkey=FILE to DATABASE_URL, with a certificate that it trusts",
}


def _is_about_files(error: Exception) -> bool:
    """What OpenSSL says of a file that is not what it should be has another library or no reason."""
    return not isinstance(error, ssl.SSLError) or error.library == "X509" or error.reason is None
