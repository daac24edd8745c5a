"""Where webhooks may lead: to what everybody can reach, and nowhere else."""

import asyncio
import re
import socket
from typing import Any

import pytest

from deploy.notices.public_addresses import NotPublic, PublicResolver, is_public
from deploy.notices.webhooks import WebhookUnusable, checked_url
from schemas.words import Language

OUR_OWN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "x", "",
    "::127.0.0.1", "::10.0.0.1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "fec0::1", "5f00::1", "4000::1", "2001:db8::1",
    "2001::1", "2001:0:808:808:0:0:f5ff:fffe", "192.0.0.8", "192.88.99.1",
]  # fmt: skip


@pytest.mark.parametrize("address", OUR_OWN)
def test_what_is_not_public(address: str) -> None:
    """Loopback, private, link- and site-local, shared, multicast, nobody's, and each of them wrapped into IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public(address: str) -> None:
    """The rest."""
    assert is_public(address)


@pytest.mark.parametrize("url", [
    "http://hook.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://2130706433/x", "https://u:p@hook.example/",
    "ftp://hook.example/", "https:///x", "hook.example", "file:///etc/passwd",
    "https://[::1", "https://hook.example:99999/", "https://hook.example:x/",
])  # fmt: skip
def test_addresses_that_nobody_may_add(url: str) -> None:
    """Each with its reason."""
    with pytest.raises(WebhookUnusable):
        checked_url(url, allows_private=False)


@pytest.mark.parametrize("scheme", ["https", "http", "ftp"])
def test_a_password_is_not_said_again(scheme: str) -> None:
    """Whoever types one is told in their own language what is wrong, and no log holds it."""
    with pytest.raises(WebhookUnusable) as refused:
        checked_url(f"{scheme}://user:hunter2@hook.example/", allows_private=False)

    said = [refused.value.message(language) for language in Language]
    assert not [text for text in said if "hunter2" in text]
    assert not re.search("[a-z]{4,} [a-z]{4,}", refused.value.message(Language.ZH))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://u:secret@hook.example:99999/", "https://hook.example:99999/"),
        ("https://u:secret@[::1/x", "https://[::1/x"),
        ("u:secret@hook.example/x", "hook.example/x"),
        ("https:u:secret@hook.example/x", "https:hook.example/x"),
        ("https://user:se/cret@hook.example/", "https://hook.example/"),
        ("https://u:s@secr/et@hook.example/", "https://hook.example/"),
        ("ftp://u:secret@hook.example/", "ftp://hook.example/"),
        ("http://10.0.0.1:8080/x", "http://10.0.0.1:8080/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://10.0.0.1/hook?mail=a@b.example", "https://10.0.0.1/hook?mail=a@b.example"),
        ("http://hook.example/@city?mail=a@b.example", "http://hook.example/@city?mail=a@b.example"),
        ("http://10.0.0.1:8080/x#a@b", "http://10.0.0.1:8080/x#a@b"),
        ("http://[::1]:8080/x?a@b", "http://[::1]:8080/x?a@b"),
        ("https://user:pa/ss@host/", "https://host/"),
        ("http://user:1/2secret@host/", "http://host/"),
        ("http://user:#secret@host/", "http://host/"),
        ("user://secret/x@host/", "user://host/"),
        ("http://u:secret@hook.example/?mail=a@b.example", "http://b.example"),
    ],
)
def test_an_address_is_said_as_it_was_given_but_for_its_password(url: str, said: str) -> None:
    """Wherever the password is cut in two, and whatever else is wrong; port and brackets stay."""
    with pytest.raises(WebhookUnusable) as refused:
        checked_url(url, allows_private=False)

    assert {said} == {refused.value.facts["url"]}
    assert refused.value.__cause__ is None
    assert said in str(refused.value)


def test_addresses_that_may_be_added() -> None:
    """Names are looked at when they are used; private ones where that is allowed."""
    assert checked_url("https://hook.example/x?y=1", allows_private=False)
    assert checked_url("http://10.0.0.7:8000/x", allows_private=True)


async def test_a_name_gives_its_public_addresses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads into our own network gives nothing; the connection goes to what was looked at."""
    answers = ["10.0.0.1", "8.8.8.8"]

    async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in answers]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    found = await PublicResolver().resolve("hook.example", 443)
    assert ["8.8.8.8"] == [each["host"] for each in found]
    answers.remove("8.8.8.8")

    with pytest.raises(NotPublic):
        await PublicResolver().resolve("hook.example", 443)
