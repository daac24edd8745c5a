"""What a person at the terminal reads of `huiyin up`: lines on stderr, the addresses, the demo's accounts."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.settings import callers_language


def say(zh: str, en: str) -> None:
    """One line of progress on stderr; lost where that cannot be written (a log on a full disk)."""
    _put(f"huiyin: {callers_language().choose(zh, en)}\n")


def _put(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def say_places(url: str, data: Path, *, demo: bool, end: str) -> None:
    """Where citizens and staff go, and with which demo accounts; `end` is the last line."""
    choose = callers_language().choose
    lines = [
        "",
        f"  {choose('', 'Citizens    ')}市民    {url}/          {url}/submit   {url}/follow",
        f"  {choose('', 'Desk        ')}办件台  {url}/desk",
        f"  {choose('', 'Review      ')}派单台  {url}/review",
        f"  {choose('', 'Watch       ')}监督台  {url}/watch",
    ]
    if demo:
        lines += ["", *_demo_lines(data / "demo.json")]
    lines += ["", f"  {end}", ""]
    _put("\n".join(lines) + "\n")


def _demo_lines(file: Path) -> Iterator[str]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    language = callers_language()
    yield language.choose("  演示账户（密码相同）：", "  Demo accounts 演示账户 (password the same for all):")
    for account in content["accounts"]:
        yield f"    {account['role']:<14} {account['username']:<18} {account['password']}"
    yield language.choose(f"  供其他系统使用的令牌见 {file}", f"  Tokens for systems stand in {file}")
    yield ""
    yield language.choose(
        "  试一试：在 /submit 提交诉求，以派单员登录 /review，再以承办单位登录 /desk。",
        "  Try: leave a message at /submit, sign in as dispatcher at /review, then as the department at /desk.",
    )
