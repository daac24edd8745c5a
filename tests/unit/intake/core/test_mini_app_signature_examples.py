"""How a mini-app signs, as docs/mini-app.md shows it: both examples, run as they stand there."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import playwright
import pytest

from intake.core.mini_app_signature import Signed, verify
from schemas.errors import SignatureRefused

_PAGE = (Path(__file__).parents[4] / "docs" / "mini-app.md").read_text("utf-8")
#: The one that drives browsers in other tests.
_NODE = Path(playwright.__file__).parent / "driver" / "node"
_BODY = '{"title": "公交站牌倒了", "text": "码头站的公交站牌被风吹倒了。"}'.encode()
_SECRET = "密钥 with spaces"


@pytest.mark.parametrize(
    ("language", "program"), [("python", [sys.executable, "-c"]), ("javascript", [str(_NODE), "-e"])]
)
def test_an_example_signs_what_we_take(language: str, program: list[str]) -> None:
    """The headers that it prints are believed, for this body alone."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)
    # `node -e` passes its arguments without a file's name before them.
    code = code.replace("process.argv.slice(2)", "process.argv.slice(1)")
    done = subprocess.run(
        [*program, code, "app", _SECRET, "key-1"], input=_BODY, capture_output=True, check=True
    )
    headers = {name.lower(): value for name, value in json.loads(done.stdout).items()}
    now = datetime.now(UTC)

    assert Signed(app="app", nonce=headers["x-nonce"]) == verify(
        headers, _BODY, secrets={"app": _SECRET}, now=now
    )
    with pytest.raises(SignatureRefused):
        verify(headers, _BODY + b" ", secrets={"app": _SECRET}, now=now)
