"""`python -m deploy.docgen [--check]`: write the generated documents, or say which are out of date."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.docgen import compatibility, documents, links

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 where every document is as the code says and every link leads somewhere, else 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docgen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is out of date")
    broken = compatibility.broken_promises(ROOT)
    if not parser.parse_args(arguments).check and not broken:
        documents.write(ROOT)
    problems = [*broken, *documents.outdated(ROOT), *links.dead(ROOT)]
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
