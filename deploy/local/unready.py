"""Why a city on this machine is not ready, as its web process reports it."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException

import msgspec

from schemas.bilingual import Bilingual

#: Never through a proxy of the environment: the web is on this machine.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class _Check(msgspec.Struct):
    ok: bool
    reason: str = ""
    reason_zh: str = ""


class _Refusal(msgspec.Struct):
    checks: Mapping[str, _Check]


def unready(url: str) -> Mapping[str, Bilingual]:
    """What keeps the city from being ready, by the check that says so; nothing where it is."""
    try:
        with _DIRECT.open(f"{url}/readyz/city", timeout=3):
            return {}
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _reasons(refusal) or _of_web(f"回应 {refusal.code}", f"answers {refusal.code}")
    except (OSError, HTTPException):
        return _of_web("没有响应", "does not answer")


def _reasons(refusal: urllib.error.HTTPError) -> Mapping[str, Bilingual]:
    """Nothing where the answer is none of our readiness, or breaks off."""
    try:
        checks = msgspec.json.decode(refusal.read(), type=_Refusal).checks
    except (OSError, HTTPException, msgspec.DecodeError):
        return {}
    return {
        name: Bilingual(zh=f"{name}：{check.reason_zh or check.reason}", en=f"{name}: {check.reason}")
        for name, check in checks.items()
        if not check.ok
    }


def _of_web(zh: str, en: str) -> Mapping[str, Bilingual]:
    return {"web": Bilingual(zh=f"网页{zh}", en=f"the web, which {en}")}
