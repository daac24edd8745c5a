"""Who runs a command on the city's machines, as records of it name them."""

import os
import pwd


def who_runs() -> str:
    """Whose process it is, as the machine knows, and not as the environment says: `root`, or `uid 4242` without a name.

    As root with `sudo` whom it says that it was run by: `root (sudo: zhang)`; root alone could put another name there.
    """
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"  # a container that was given a number
    by = os.environ.get("SUDO_USER") if uid == 0 else None
    return f"{name} (sudo: {by})" if by else name
