"""Why a notice was not sent, in words."""

import re
import socket
import ssl
from collections.abc import Iterator

import aiohttp
import pytest

from deploy.mail.sending import NotLetIn, ServerAway, ServerBusy
from deploy.notices.pages import REASONS, reason_in
from schemas.words import Language

OURS = "a fault on our side, see the log"


def _kinds(error: type[BaseException]) -> Iterator[type[BaseException]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds(kind)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError, "the receiver did not answer"),
        (aiohttp.ServerTimeoutError, "the receiver did not answer"),
        (ConnectionRefusedError, "the receiver could not be reached"),
        (aiohttp.ServerDisconnectedError, "the receiver could not be reached"),
        (aiohttp.ClientConnectorDNSError, "the receiver could not be reached"),
        (aiohttp.ClientOSError, "the receiver could not be reached"),
        (socket.gaierror, "the receiver could not be reached"),
        (ssl.SSLCertVerificationError, "no secure connection could be made"),
        (aiohttp.ClientConnectorCertificateError, "no secure connection could be made"),
        (aiohttp.InvalidURL, "the address is no use"),
        (aiohttp.ClientPayloadError, "the receiver does not take it now"),
        (OSError, "the receiver does not take it now"),
        (NotLetIn, "our own mail server does not accept us"),
        (ServerAway, "our own mail server cannot be reached"),
        (ServerBusy, "our own mail server does not take it now"),
        (PermissionError, OURS),
        (KeyError, OURS),
    ],
)
def test_an_error_is_told_by_what_it_means(error: type[Exception], said: str) -> None:
    """As the name of it is all that is kept."""
    assert said == reason_in(Language.EN, error.__name__)


def test_no_name_of_an_error_stands_on_a_chinese_page() -> None:
    """Neither of those that the libraries have which carry notices, nor of any other."""
    for kind in _kinds(Exception):
        assert not re.search("[A-Za-z]", reason_in(Language.ZH, kind.__name__)), kind


def test_what_another_system_does_is_no_fault_of_ours() -> None:
    """Whatever the HTTP client says of it."""
    kinds = [kind for kind in _kinds(aiohttp.ClientError) if kind.__module__.startswith("aiohttp")]
    assert [] == [kind for kind in kinds if OURS == reason_in(Language.EN, kind.__name__)]


def test_our_own_words_and_a_receivers_answer() -> None:
    """The former in the reader's language, the latter as it came."""
    assert all(zh == reason_in(Language.ZH, reason) for reason, (zh, _) in REASONS.items())
    assert ["HTTP 500", "5.1.1", ""] == [reason_in(Language.ZH, said) for said in ("HTTP 500", "5.1.1", "")]
