#!/bin/sh
# Makes .venv exactly what requirements/dev.txt says, with this project installed editable.
# Does nothing, quickly, when the environment already matches.
set -eu
cd "$(dirname "$0")/../../.."

say() { echo "setup: $*" >&2; }
fail() { say "$1"; say "remedy: $2"; exit 1; }

[ "$(uname -s)" = Linux ] || fail "Huiyin runs on Linux only, and this is $(uname -s)" \
    "run make in a Linux container or virtual machine (on Windows: in WSL)"

# The search takes whatever it is told that serves, without a look at any other.
serves() { [ "$(PYTHON="$1" sh deploy/local/setup/find_python.sh)" = "$1" ]; }

# The path is part of the key: scripts in .venv/bin hold it, so a moved checkout needs a new environment.
wanted=$( { pwd; cat requirements/pip.txt requirements/dev.txt pyproject.toml deploy/local/setup/environment.sh; } |
    sha256sum | cut -d' ' -f1)
stamp=.venv/.huiyin-stamp
is_ready() { [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }
if is_ready; then exit 0; fi

python=$(PYTHON="${PYTHON:-}" sh deploy/local/setup/find_python.sh) || fail "no Python 3.11 or newer was found" \
    "install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3"
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "$python has no venv module" \
    "install it (Debian, Ubuntu: apt-get install python3-venv)"

# One at a time, as in tools.py. What a killed one left running (its pip, say) holds the lock for as long as it writes here.
if ! { mkdir -p .build && : >>.build/setup.lock; } 2>/dev/null; then
    fail "nothing can be written in $(pwd)" "give this user the right to, or make room there; or run make in a copy of your own"
fi
exec 9>>.build/setup.lock
"$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null ||
    { say "another set-up is at work here: waiting for it"; "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'; }
if is_ready; then exit 0; fi
# As in tools.py: what venv and pip leave where they are killed lies here, and goes now.
TMPDIR="$(pwd)/.build/tmp"
export TMPDIR
rm -rf "$TMPDIR"
mkdir "$TMPDIR"

# A stamp lies in every environment that was finished, and is gone while anything is installed: without it pip itself may
# lack a half of it.
former=$(cat "$stamp" 2>/dev/null || true)
if [ -z "$former" ] && [ -d .venv ]; then say "the environment in .venv is half made: making it anew"; fi
rm -f "$stamp"
if [ -z "$former" ] || ! { serves .venv/bin/python && .venv/bin/pip --version >/dev/null 2>&1; }; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || fail ".venv could not be made" "read the message above; is there room on the disk?"
fi
say "installing the locked dependencies"
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
before=$(stat -c %y "$site")
pip_install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile "$@"; }
{ pip_install --require-hashes -r requirements/pip.txt && pip_install --require-hashes -r requirements/dev.txt; } || {
    # An environment that pip has not touched, with no index within reach, say, is as whole as it was.
    if [ -n "$former" ] && [ "$(stat -c %y "$site")" = "$before" ]; then echo "$former" >"$stamp"; fi
    fail "the locked dependencies could not be installed" \
        "read pip's message above; it needs a package index within reach, and room on the disk"
}
# compat: one path entry, so that a new top-level package and the tests are importable at once; setuptools says each time
# that this mode will go.
PYTHONWARNINGS=ignore pip_install --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat --editable . ||
    fail "this project could not be installed" "read pip's message above"
# On all cores, where pip takes one, and without the packages' own tests, which are found in paths that begin at the packages. A file
# that this Python cannot read is passed over, as by pip: nobody can import it.
(cd "$site" && "$OLDPWD/.venv/bin/python" -m compileall -qq -j 0 -x '/tests/' .) || :
echo "$wanted" > "$stamp"
say "environment ready"
