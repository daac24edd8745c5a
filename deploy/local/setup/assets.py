"""Puts the pages' scripts and styles, and their licences, into `deploy/web/site/static/vendor`.

They come as npm packages, locked with their checksums in `deploy/web/site/assets`. What may not be used outside
GOV.UK (the GDS Transport typeface, crown and crest) is taken out.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.setup.tools import BUILD, ROOT, fail, install_locked, run_quietly, say

_LOCKED = ROOT / "deploy" / "web" / "site" / "assets"
VENDOR = ROOT / "deploy" / "web" / "site" / "static" / "vendor"
_STAMP = VENDOR / ".stamp"
#: Where each file comes from, inside `node_modules` or `deploy/web/site/assets`.
_COPIED = {
    "govuk-frontend.min.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
}
_STYLES = "govuk-frontend.min.css"
_STYLES_SOURCE = "govuk-frontend/dist/govuk/govuk-frontend.min.css"
#: The npm package brings no licence file.
_STYLES_LICENCE = "govuk-frontend.LICENSE.txt"
_SOURCE_MAP = re.compile(r"\s*(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


def main() -> None:
    """Does it, unless these very files are there already."""
    wanted = _wanted()
    if _STAMP.is_file() and _STAMP.read_text(encoding="ascii") == wanted:
        return
    say("fetching the pages' assets")
    packages = _fetched()
    # First, or killed on the way we would leave it beside half of the files, which it says are whole.
    _STAMP.unlink(missing_ok=True)
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, source in _COPIED.items():
        text = (packages / source).read_text(encoding="utf-8")
        (VENDOR / name).write_text(_SOURCE_MAP.sub("\n", text), encoding="utf-8")
    styles = (packages / _STYLES_SOURCE).read_text(encoding="utf-8")
    (VENDOR / _STYLES).write_text(without_govuk_identity(styles), encoding="utf-8")
    shutil.copyfile(_LOCKED / _STYLES_LICENCE, VENDOR / _STYLES_LICENCE)
    _STAMP.write_text(wanted, encoding="ascii")


def _wanted() -> str:
    files = (_LOCKED / "package-lock.json", _LOCKED / _STYLES_LICENCE, Path(__file__))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _fetched() -> Path:
    """The folder `node_modules` with the locked packages; no script of theirs is run."""
    folder = BUILD / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_LOCKED / name, folder / name)
    try:
        run_quietly([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    except subprocess.CalledProcessError as error:
        fail(
            f"the pages' assets could not be fetched: {error}",
            "read npm's message above; a registry must be in reach",
        )
    return folder / "node_modules"


def _npm() -> list[str | Path]:
    """The machine's npm, else one from a wheel, in an environment of its own."""
    found = shutil.which("npm")
    if found:
        return [found]
    say("no npm here: installing one under .build/node")
    programs = install_locked(ROOT / "requirements" / "node.txt", BUILD / "node")
    return [programs / "npm"]


def without_govuk_identity(styles: str) -> str:
    """The styles with our own font, no typeface or image of GOV.UK, and nothing fetched from elsewhere."""
    styles = re.sub(r"@font-face\{[^}]*\}", "", styles)
    styles = re.sub(r'"?GDS Transport"?,\s*arial,\s*sans-serif', "var(--font)", styles)
    styles = re.sub(r"url\([^)]*\)", "none", styles)
    return _SOURCE_MAP.sub("\n", styles)


if __name__ == "__main__":
    main()
    sys.exit(0)
