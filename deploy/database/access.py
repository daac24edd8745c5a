"""Why Postgres denies us access, as one sentence for a person, with what to do about it."""

import ssl

import asyncpg

from deploy.access import AccessDenied, refusal_over_tls
from schemas.errors import Unusable


class PostgresAccessDenied(AccessDenied, ConnectionError):
    """Postgres answers and refuses us, or what DATABASE_URL names cannot be used."""


def postgres_refusal(error: Exception) -> PostgresAccessDenied | None:
    """What a failed connection to Postgres means, if it is a refusal."""
    why = _refusal_by_postgres(error)
    return None if why is None else PostgresAccessDenied("Postgres at DATABASE_URL", *why)


def _refusal_by_postgres(error: Exception) -> tuple[Unusable, Unusable] | None:
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError() if "no encryption" in str(error):
            return (
                Unusable(zh="不接受没有 TLS 的连接", en="takes no connection without TLS"),
                Unusable(
                    zh="在 DATABASE_URL 中加上 sslmode=verify-full 和 sslrootcert=文件",
                    en="add sslmode=verify-full and sslrootcert=FILE to DATABASE_URL",
                ),
            )
        case asyncpg.InvalidAuthorizationSpecificationError():
            return (
                Unusable(zh=f"拒绝了我们（{error}）", en=f"refuses us ({error})"),
                Unusable(
                    zh="检查 DATABASE_URL 中的用户、密码和证书，以及 pg_hba.conf",
                    en="see to user, password and certificate in DATABASE_URL, and to pg_hba.conf",
                ),
            )
        case asyncpg.InvalidCatalogNameError():
            return (
                Unusable(zh=f"没有这个数据库（{error}）", en=f"has no such database ({error})"),
                Unusable(
                    zh="创建它，或改正 DATABASE_URL 中的名称",
                    en="create it, or mend the name in DATABASE_URL",
                ),
            )
        case ssl.SSLError() if (why := refusal_over_tls(error)) is not None:
            return why[0], _POSTGRES_REMEDIES[why[1]]
        case ConnectionError() if "rejected SSL upgrade" in str(error):
            return Unusable(zh="不使用 TLS", en="does not speak TLS"), _POSTGRES_REMEDIES["no-tls"]
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | ssl.SSLError() if (
            _is_about_files(error)
        ):
            name = type(error).__name__
            return (
                Unusable(
                    zh=f"未被询问：DATABASE_URL 所指的文件不可用（{name}）",
                    en=f"was not asked: a file that DATABASE_URL names cannot be used ({name})",
                ),
                Unusable(
                    zh="检查 sslrootcert、sslcert 和 sslkey（或其套接字所在文件夹）",
                    en="see to sslrootcert, sslcert and sslkey (or to the folder of its socket)",
                ),
            )
        case asyncpg.InterfaceError() if isinstance(error, ValueError):
            return (
                Unusable(zh=f"未被询问：{error}", en=f"was not asked: {error}"),
                Unusable(zh="改正 DATABASE_URL", en="mend DATABASE_URL"),
            )
        case ValueError():
            # Its own text may be a piece of the password.
            return (
                Unusable(zh="未被询问：DATABASE_URL 不是 URL", en="was not asked: DATABASE_URL is no URL"),
                Unusable(
                    zh="写成 postgresql://USER:PASSWORD@HOST:PORT/DATABASE，密码中 / 写作 %2F，@ 写作 %40，以此类推",
                    en="write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with / as %2F, @ as %40 and so on in the "
                    "password",
                ),
            )
    return None


_POSTGRES_REMEDIES = {
    "authority": Unusable(
        zh="在 DATABASE_URL 中写明其 CA 证书文件：sslrootcert=文件",
        en="name the file with the certificate of its CA in DATABASE_URL: sslrootcert=FILE",
    ),
    "name": Unusable(
        zh="DATABASE_URL 中的主机名应与其证书一致",
        en="write the host in DATABASE_URL as its certificate names it",
    ),
    "time": Unusable(
        zh="更新 Postgres 的证书，或校准本机时钟",
        en="renew Postgres' certificate, or set this machine's clock",
    ),
    "no-tls": Unusable(
        zh="把 DATABASE_URL 中的 sslmode 设为该服务器所用的",
        en="set sslmode in DATABASE_URL to what the server speaks",
    ),
    "ours": Unusable(
        zh="在 DATABASE_URL 中加上 sslcert=文件 和 sslkey=文件，证书须为其所信任",
        en="add sslcert=FILE and sslkey=FILE to DATABASE_URL, with a certificate that it trusts",
    ),
}


def _is_about_files(error: Exception) -> bool:
    """Whether the error is about a certificate or key file of ours, not about the server: OpenSSL gives no reason then."""
    return not isinstance(error, ssl.SSLError) or error.library == "X509" or error.reason is None
