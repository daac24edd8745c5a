"""What keeps a city on this machine from being ready, as its web says."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from schemas.bilingual import Bilingual, joined


def unready(url: str) -> Bilingual | None:
    """What keeps the city from being ready; None where nothing does."""
    try:
        with urllib.request.urlopen(f"{url}/readyz/city", timeout=3):  # noqa: S310  our own address
            return None
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _reasons(json.load(refusal)["checks"])
    except OSError:
        return Bilingual(zh="网页没有响应", en="the web, which does not answer")


def _reasons(checks: Mapping[str, Mapping[str, Any]]) -> Bilingual:
    unwell = {name: check for name, check in checks.items() if not check["ok"]}
    return joined(
        Bilingual(zh=f"{name}：{check.get('reason_zh') or check['reason']}", en=f"{name}: {check['reason']}")
        for name, check in unwell.items()
    )
