#!/bin/sh
# Prints the Python that .venv is to be made with: the one that $PYTHON names, or the quickest that this machine has. Fails
# where none is new enough. Pythons of one version differ by a fifth and more, by how they were built
# (docs/decisions/0046-the-quickest-python.md).
set -eu

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make_one() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# Microseconds of processor time for what our processes do most: calls, attributes, tables of small things. The best of many
# short tries, so that whoever else uses the machine says little; a quarter of a second in all.
time_of() { "$1" -S -c '
import time

class Case:
    def __init__(self, number):
        self.number = number

    def later(self, by):
        return self.number + by

def take():
    begun = time.process_time()
    kept = {}
    for number in range(5_000):
        kept[number] = Case(number).later(number)
    return time.process_time() - begun

print(round(min(take() for _ in range(200)) * 1_000_000))'; }

if [ -n "${PYTHON:-}" ] && command -v "$PYTHON" >/dev/null && is_new_enough "$PYTHON"; then
    echo "$PYTHON"
    exit 0
fi

first="" quickest="" least=""
# The system's own stands behind others in many a PATH, and is mostly the one that was built with a profile.
for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.14; do
    command -v "$candidate" >/dev/null && is_new_enough "$candidate" || continue
    first="${first:-$candidate}"
    can_make_one "$candidate" && time=$(time_of "$candidate") || continue
    # By a tenth at least: less is chance, and then the earlier one stands.
    if [ -z "$least" ] || [ "$((time * 10))" -lt "$((least * 9))" ]; then
        quickest="$candidate" least="$time"
    fi
done
[ -n "$first" ] || exit 1
echo "${quickest:-$first}"
