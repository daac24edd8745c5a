"""Sees to the browser and the Chinese fonts that the page tests need: Debian's chromium."""

import os
import shutil
import subprocess

from deploy.local.setup.tools import ROOT, output_of, run_quietly, say

_PACKAGES = ("chromium", "fonts-noto-cjk")
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Installs what is missing where that is allowed; otherwise says what is missing, and the tests go on."""
    missing = missing_packages()
    if not missing:
        return
    as_root = _as_root()
    if as_root is None or shutil.which("apt-get") is None:
        say(f"for the browser tests this machine lacks: {' '.join(missing)}")
        say(f"remedy: apt-get install {' '.join(missing)} (or your system's packages of that name)")
        return
    say(f"installing {' '.join(missing)} for the browser tests")
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
    try:
        run_quietly([*apt, "update"], ROOT)
        run_quietly([*apt, "install", "--no-install-recommends", *missing], ROOT)
    except subprocess.CalledProcessError as error:
        say(f"{' '.join(missing)} could not be installed ({error}); the browser tests will say so")


def missing_packages() -> list[str]:
    """What of the browser and the fonts is not installed."""
    has_browser = any(shutil.which(name) for name in _CHROMIUM_NAMES)
    return [
        name for name, there in zip(_PACKAGES, (has_browser, _has_chinese_font()), strict=True) if not there
    ]


def _has_chinese_font() -> bool:
    fc_list = shutil.which("fc-list")
    return fc_list is not None and bool(output_of([fc_list, ":lang=zh"]))


def _as_root() -> list[str] | None:
    """What to put before a command to run it as root; `None` when that is not possible without asking."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    return [sudo, "-n"] if sudo and output_of([sudo, "-n", "id", "-u"]) == "0" else None


if __name__ == "__main__":
    main()
