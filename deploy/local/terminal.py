"""What a person at the terminal reads of `huiyin up`: lines on stderr, the addresses, the demo's accounts."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def say(line: str) -> None:
    """One line of progress on stderr; lost where that cannot be written (a log on a full disk)."""
    _put(f"huiyin: {line}\n")


def _put(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def say_places(url: str, data: Path, *, demo: bool, end: str) -> None:
    """Where citizens and staff go, and with which demo accounts; `end` is the last line."""
    lines = [
        "",
        f"  Citizens    市民    {url}/          {url}/submit   {url}/follow",
        f"  Desk        办件台  {url}/desk",
        f"  Review      派单台  {url}/review",
        f"  Watch       监督台  {url}/watch",
    ]
    if demo:
        lines += ["", *_demo_lines(data / "demo.json")]
    lines += ["", f"  {end}", ""]
    _put("\n".join(lines) + "\n")


def _demo_lines(file: Path) -> Iterator[str]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    yield "  Demo accounts 演示账户 (password the same for all):"
    for account in content["accounts"]:
        yield f"    {account['role']:<14} {account['username']:<18} {account['password']}"
    yield f"  Tokens for systems stand in {file}"
    yield ""
    yield "  Try: leave a message at /submit, sign in as dispatcher at /review, then as the department at /desk."
