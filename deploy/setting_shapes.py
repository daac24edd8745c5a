"""What a setting that is text has to look like, so that every command refuses a slip before it does anything.

Nothing is opened or rung up here: a server that is away is another matter, and stands in nobody's way to start.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, urlsplit

#: A port has sixteen bits (RFC 9293 §3.1).
_LAST_PORT = 65_535
_POSTGRES = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
#: As libpq's documentation lists them (34.1.2, sslmode).
_SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
#: As lenient as the oldest rules of S3 for bucket names: other systems than Amazon's take more than Amazon's.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")

#: An address, alone or in angle brackets behind a name: what an operator writes of RFC 5322 §3.4.
_MAIL_ADDRESS = re.compile(r"(?:[^<>@]*<)?[^\s<>@]+@(?P<domain>[^\s<>@]+?)>?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingShape:
    """Whether a text can be meant, and what it should look like, in both languages."""

    #: A ValueError says no, too.
    fits: Callable[[str], bool]
    en: str
    zh: str

    def takes(self, value: str) -> bool:
        """Whether `value` has this shape; what cannot be read at all has not."""
        try:
            return self.fits(value)
        except ValueError:
            return False


class UnfitSetting(ValueError):
    """A text that nobody can have meant, which is not repeated: it may hold a password."""

    def __init__(self, shape: SettingShape) -> None:
        super().__init__(f"it is {shape.en}")
        self.shape = shape


def _is_port(said: str) -> bool:
    return said.isascii() and said.isdigit() and 1 <= int(said) <= _LAST_PORT


def _is_host(said: str) -> bool:
    if ":" in said:
        ip_address(said.partition("%")[0])
    return bool(said) and not any(letter.isspace() or letter in "/@,;?#" for letter in said)


def _is_place(said: str, *, needs_port: bool = False) -> bool:
    """`host`, `host:port`, `[v6]:port`, or an IPv6 address alone."""
    if said.startswith("["):
        host, _, rest = said[1:].partition("]")
        port, has_port = rest[1:], rest.startswith(":")
        if rest and not has_port:
            return False
    elif said.count(":") > 1:
        host, port, has_port = said, "", False
    else:
        host, colon, port = said.partition(":")
        has_port = bool(colon)
    return _is_host(host) and (_is_port(port) if has_port else not needs_port)


def _split(value: str, schemes: Collection[str]) -> SplitResult | None:
    """The parts of an address by one of these schemes, with a host; None of anything else."""
    parts = urlsplit(value)
    if parts.scheme not in schemes or "://" not in value:
        return None
    return parts if _is_place(parts.netloc.rpartition("@")[2]) else None


def _is_url(value: str, *schemes: str) -> bool:
    return _split(value, schemes) is not None


def _is_postgres(value: str) -> bool:
    parts = urlsplit(value)
    said = parse_qs(parts.query)
    modes, ports = said.get("sslmode", []), ",".join(said.get("port", [])).split(",")
    places = parts.netloc.rpartition("@")[2].split(",")
    return (
        "://" in value
        and parts.scheme in _POSTGRES
        and _SSL_MODES.issuperset(modes)
        and all(not port or _is_port(port) for port in ports)
        # Without a host it is a socket of this machine.
        and (places == [""] or all(map(_is_place, places)))
    )


def _is_mailbox(value: str) -> bool:
    if urlsplit(value).scheme == "maildir":
        return value.startswith("maildir:///") and len(value) > len("maildir:///")
    parts = _split(value, ("imap", "imaps"))
    return parts is not None and bool(parts.username)


def _is_gateway(value: str) -> bool:
    if urlsplit(value).scheme == "file":
        return value.startswith("file:///") and len(value) > len("file:///")
    return _is_url(value, "http", "https")


def _is_daemon(value: str) -> bool:
    if "/" in value:
        return "://" not in value
    return _is_place(value, needs_port=True)


def _is_mail_address(value: str) -> bool:
    found = _MAIL_ADDRESS.fullmatch(value)
    return found is not None and _is_host(found["domain"])


def _are_addresses(value: str) -> bool:
    return all(ip_address(each.strip()) for each in value.split(",") if each.strip())


_WEB = SettingShape(
    fits=lambda value: _is_url(value, "http", "https"),
    en="https://host/path",
    zh="https://主机/路径",
)
_DATABASE = SettingShape(
    fits=_is_postgres,
    en="postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with / as %2F, @ as %40 and so on in the password; sslmode, where it "
    "is named, is disable, allow, prefer, require, verify-ca or verify-full",
    zh="postgresql://用户:密码@主机:端口/数据库，密码中的 / 写成 %2F，@ 写成 %40，其余类推；sslmode 如果写出，只能是 "
    "disable、allow、prefer、require、verify-ca 或 verify-full",
)
_SMTP = SettingShape(
    fits=lambda value: _is_url(value, "smtp", "smtps"),
    en="smtps://user@host or smtp://host",
    zh="smtps://用户@主机 或 smtp://主机",
)
_GATEWAY = SettingShape(
    fits=_is_gateway,
    en="https://host/path, or file:///path for tests",
    zh="https://主机/路径，测试时可用 file:///路径",
)
_SENDER = SettingShape(
    fits=_is_mail_address, en="an address, name@city.example", zh="邮箱地址，如 name@city.example"
)

#: By the field of `Settings`. Empty text is no setting, and is asked nothing.
SHAPES: Mapping[str, SettingShape] = {
    "database_url": _DATABASE,
    "migration_database_url": _DATABASE,
    "kafka_bootstrap_servers": SettingShape(
        fits=lambda value: all(_is_place(each.strip()) for each in value.split(",")),
        en="host:port, several separated by commas",
        zh="主机:端口，多个以逗号分隔",
    ),
    "host": SettingShape(fits=_is_host, en="an address of this machine, 0.0.0.0 for all", zh="本机地址，0.0.0.0 表示全部"),
    "public_url": _WEB,
    "trusted_proxies": SettingShape(
        fits=_are_addresses, en="IP addresses, separated by commas", zh="IP 地址，多个以逗号分隔"
    ),
    "attachments_bucket": SettingShape(
        fits=lambda value: _BUCKET.fullmatch(value) is not None,
        en="the bucket's name alone, without an address",
        zh="只写存储桶的名称，不带地址",
    ),
    "attachments_s3_endpoint": _WEB,
    "clamd": SettingShape(
        fits=_is_daemon, en="host:port, or the path of its socket", zh="主机:端口，或其套接字的路径"
    ),
    "mail_in_url": SettingShape(
        fits=_is_mailbox,
        en="maildir:///path, or imaps://user@host/INBOX with MAIL_IN_PASSWORD",
        zh="maildir:///路径，或 imaps://用户@主机/INBOX，密码放在 MAIL_IN_PASSWORD",
    ),
    "mail_out_url": _SMTP,
    "mail_address": _SENDER,
    "smtp_url": _SMTP,
    "mail_from": _SENDER,
    "sms_url": _GATEWAY,
    "push_url": _GATEWAY,
    "otel_endpoint": _WEB,
}  # fmt: skip
