"""A certificate authority for tests: it vouches for servers and clients on this machine for an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate and its key, each in a file, and both in one, as Kafka wants them."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs certificates; whoever trusts `file` trusts them."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory / name
        self._directory.mkdir(parents=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _common_name(f"{name} authority")
        own = _builder(self._name, self._name, self._key.public_key(), timedelta(hours=-1), _SOON)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        self._certificate = own.sign(self._key, hashes.SHA256())
        self.file = self._directory / "ca.pem"
        self.file.write_bytes(_pem(self._certificate))

    def issue(
        self, name: str, *, hosts: Sequence[str] = (), ends: timedelta = _SOON, password: str = ""
    ) -> Certificate:
        """A certificate for a server's `hosts`, or for the client `name`. `password`: what its key is locked with."""
        key = ec.generate_private_key(ec.SECP256R1())
        wanted = _builder(_common_name(name), self._name, key.public_key(), timedelta(hours=-2), ends)
        if hosts:
            wanted = wanted.add_extension(x509.SubjectAlternativeName(map(_host, hosts)), critical=False)
        signed = _pem(wanted.sign(self._key, hashes.SHA256()))
        locked = (
            serialization.BestAvailableEncryption(password.encode())
            if password
            else serialization.NoEncryption()
        )
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
        files = Certificate(
            certificate=self._directory / f"{name}.pem",
            key=self._directory / f"{name}.key",
            both=self._directory / f"{name}.both.pem",
        )
        for file, content in (
            (files.certificate, signed),
            (files.key, secret),
            (files.both, secret + signed),
        ):
            file.write_bytes(content)
            file.chmod(0o600)
        return files


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: timedelta, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now + begins).not_valid_after(now + ends)


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
