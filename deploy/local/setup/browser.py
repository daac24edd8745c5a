"""Sees to the browser and the Chinese fonts of the page tests: Debian's chromium, best the one that has no windows."""

import os
import shutil
import subprocess

from deploy.local.setup.tools import ROOT, output_of, run_quietly, say

_FONTS = "fonts-noto-cjk"
#: Draws no windows around its pages, and opens one for half the processor time of `chromium`, whose engine it is.
_WITHOUT_WINDOWS = "chromium-headless-shell"
#: By preference.
CHROMIUM_NAMES = (_WITHOUT_WINDOWS, "chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Installs what is missing where that is allowed; otherwise says what is missing, and the tests go on."""
    missing, as_installer = missing_packages(), _as_installer()
    if as_installer is None and missing:
        say(f"for the browser tests this machine lacks: {' '.join(missing)}")
        say(f"remedy: apt-get install {' '.join(missing)} (or your system's packages of that name)")
    elif as_installer and (missing or _is_better_offered()):
        _install(as_installer, missing)


def _install(as_installer: list[str], missing: list[str]) -> None:
    apt = [*as_installer, "apt-get", "--quiet", "--yes"]
    try:
        # What was cut off halfway, here or by somebody else, is finished first: until then apt does nothing.
        run_quietly([*as_installer, "dpkg", "--configure", "-a"], ROOT)
        run_quietly([*apt, "update"], ROOT)
        packages = _with_the_better(missing)
        say(f"installing {' '.join(packages)} for the browser tests")
        run_quietly([*apt, "install", "--no-install-recommends", *packages], ROOT)
    except subprocess.CalledProcessError as error:
        say(
            f"the browser or its fonts could not be installed ({error}); the browser tests will say what is missing"
        )


def missing_packages() -> list[str]:
    """What of the browser and the fonts is not installed."""
    has_browser = any(shutil.which(name) for name in CHROMIUM_NAMES)
    there = {"chromium": has_browser, _FONTS: _has_chinese_font()}
    return [name for name, is_there in there.items() if not is_there]


def _with_the_better(missing: list[str]) -> list[str]:
    """The browser without windows in place of the other, where there is one to install."""
    if not _is_better_offered():
        return missing
    return [_WITHOUT_WINDOWS, *(name for name in missing if name != "chromium")]


def _is_better_offered() -> bool:
    """Whether it is not installed, and could be: older systems have none."""
    return not shutil.which(_WITHOUT_WINDOWS) and bool(output_of(["apt-cache", "show", _WITHOUT_WINDOWS]))


def _has_chinese_font() -> bool:
    fc_list = shutil.which("fc-list")
    return fc_list is not None and bool(output_of([fc_list, ":lang=zh"]))


def _as_installer() -> list[str] | None:
    """What to put before a command that installs packages; `None` where apt is not there, or only others may use it."""
    as_root = _as_root()
    if as_root is None or shutil.which("apt-get") is None:
        return None
    return [*as_root, "env", "DEBIAN_FRONTEND=noninteractive"]


def _as_root() -> list[str] | None:
    """What to put before a command to run it as root; `None` when that is not possible without asking."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    return [sudo, "-n"] if sudo and output_of([sudo, "-n", "id", "-u"]) == "0" else None


if __name__ == "__main__":
    main()
